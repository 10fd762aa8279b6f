// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPTypes
import Host
import PluginAPI
import Security
import Values

extension RouteTable {
    static let notifications: [Route] = [
        .permitted(
            .invokeNotifier, .post, "/v1/tenants/{tenant}/notifications", "sendNotification", "Queue a message for a notifier",
            tag: "Notifications", body: .json(SendNotification.schema), needsIdempotencyKey: true,
            success: .init(.accepted, "Stored; it will be sent, and tried again when that fails.", NotificationView.schema)
        ) { permit, call, host in
            let queued = try await host.recordingDenial(of: permit, at: call.origin) {
                try await host.notifications.send(
                    permit, SendNotification(call.input), idempotencyKey: call.requiredIdempotencyKey(), origin: call.origin)
            }
            return Reply(.accepted, .json(queued.json))
        },
        .listed(
            .pluginRead, "/v1/tenants/{tenant}/notifications", "listNotifications", "The tenant's messages", tag: "Notifications",
            query: .pages(),
            success: .init(
                .ok, "Those that the caller may see, the newest first; `next` goes on, where there may be more.",
                .object("", [.required("notifications", .array(NotificationView.schema)), .optional("next", .string(max: 256))]))
        ) { permit, call, host in
            let (messages, next) = try await host.notifications(permit, after: call.page.cursor, limit: call.page.limit)
            return .page("notifications", messages.map(\.json), next)
        },
        .permitted(
            .pluginRead, .get, "/v1/tenants/{tenant}/notifications/{notification}", "getNotification", "What became of a message",
            tag: "Notifications", success: .init(.ok, "As it stands.", NotificationView.schema)
        ) { permit, call, host in
            .ok(try await host.notifications.get(permit, call.identifier("notification")).json)
        },
    ]
}
