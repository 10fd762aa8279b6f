// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPTypes
import Host
import PluginAPI
import Security
import Values

extension RouteTable {
    static let devices: [Route] = [
        .signedIn(
            .get, "/v1/auth/devices", "devices", "What one signs in with", tag: "Authentication",
            success: .init(.ok, "The last used first; `current` is the one that asks.", .any)
        ) { principal, _, host in
            let devices = try await host.authenticator.devices(of: principal)
            let sessions = try await host.authenticator.sessions(of: principal)
            let current = sessions.first { $0.id == principal.session }?.device
            return .ok(["devices": .array(devices.map { device in device.json(current, sessions.count { $0.device == device.id }) })])
        },
        .signedIn(
            .patch, "/v1/auth/devices/{device}", "renameDevice", "Name a device", tag: "Authentication",
            body: .json(.object("", [.required("name", .string(1...100), "One line.", example: "Laptop at home")])),
            success: .init(.noContent, "It is called that from now on.")
        ) { principal, call, host in
            let isKnown = try await host.authenticator.renameDevice(
                try call.identifier("device", as: DeviceID.self), of: principal, to: call.text("name"), from: call.origin.client,
                correlation: call.origin.correlation)
            guard isKnown else { throw Problem.notFound }
            return Reply(.noContent)
        },
        .signedIn(
            .delete, "/v1/auth/devices/{device}", "revokeDevice", "Withdraw a device", tag: "Authentication",
            success: .init(
                .ok, "Nothing trusts it any more and its sessions have ended; how many those were.",
                .object("", [.required("ended", .integer(0...Int64.max))]))
        ) { principal, call, host in
            let ended = try await host.authenticator.revokeDevice(
                try call.identifier("device", as: DeviceID.self), of: principal, from: call.origin.client,
                correlation: call.origin.correlation)
            guard let ended else { throw Problem.notFound }
            return .ok(["ended": .int(Int64(ended.count))])
        },
    ]
}

extension DeviceRecord {
    fileprivate func json(_ current: DeviceID?, _ sessions: Int) -> Value {
        [
            "id": .string(id.description), "name": .string(name), "created_at": .int(createdAt), "last_seen_at": .int(lastSeenAt),
            "trusted_until": trustedUntil.map(Value.int) ?? .null, "sessions": .int(Int64(sessions)), "current": .bool(id == current),
        ]
    }
}
