// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPTypes
import Host
import PluginAPI
import Security
import Values

extension RouteTable {
    static let webhooks: [Route] = [
        .permitted(
            .pluginConfigure, .post, "/v1/tenants/{tenant}/plugins/{plugin}/webhook", "createWebhook",
            "Make the URL that the provider calls",
            tag: "Webhooks",
            query: .object("", [.optional("label", .string(1...40), "Which instance of the plugin; `default` unless said otherwise.")]),
            success: .init(
                .created, "The path holds the token and is shown once; a URL made before stops working.",
                .object("", [.required("path", .string(max: 200), "To be put behind this host's public address.")]))
        ) { permit, call, host in
            let label = call.query["label"]?.stringValue ?? "default"
            let endpoint = try await host.payments.webhookURL(permit, "\(call.plugin())/\(label)", origin: call.origin)
            return .created(["path": .string(endpoint.path)])
        },
        .open(
            .post, "/v1/webhooks/{token}", "receiveWebhook", "A provider reports what happened", tag: "Webhooks",
            reason: "the token in the path names the endpoint and the body's signature proves the sender",
            body: .opaque(maxBytes: PaymentService.webhookLimit),
            success: .init(.ok, "Stored; it is dealt with afterwards.", .object("", [.required("received", .boolean)])),
            rateClass: .webhook
        ) { call, host in
            var headers: [String: String] = [:]
            for field in call.headers { headers[field.name.canonicalName] = field.value }
            _ = try await host.payments.receive(
                token: call.parameters["token"] ?? "", method: "POST", headers: headers, body: call.body, origin: call.origin)
            return .ok(["received": true])
        },
    ]
}
