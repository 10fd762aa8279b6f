// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPTypes
import Host
import PluginAPI
import Security
import Storage
import Values

extension RouteTable {
    static let edge: [Route] = [
        .permitted(
            .networkManage, .get, "/v1/tenants/{tenant}/network", "networkRules", "From which addresses the tenant is used", tag: "Network",
            success: .init(.ok, "Denied ranges win; without an allowed one everybody is let in that is not denied.", .any)
        ) { permit, _, host in
            .ok(["rules": .array(try await host.edge.ranges(permit).map(\.json))])
        },
        .permitted(
            .networkManage, .post, "/v1/tenants/{tenant}/network", "setNetworkRule", "Allow or deny a range of addresses", tag: "Network",
            body: .json(
                .object(
                    "",
                    [
                        .required("range", .string(2...64), "An address or a range, IPv4 or IPv6.", example: "192.0.2.0/24"),
                        .required("verdict", .enumeration(NetworkRules.Verdict.self), "What the range is for.", example: "deny"),
                        .optional("force", .boolean, "Do it although your own address is not let in any more."),
                    ])),
            success: .init(.noContent, "In force from the next request on, on every host.")
        ) { permit, call, host in
            let verdict: NetworkRules.Verdict = call.text("verdict") == "allow" ? .allow : .deny
            try await host.edge.set(
                try range(call.text("range")), verdict, keeping: keeping(call, call.input["force"]), permit, at: call.origin)
            return Reply(.noContent)
        },
        .permitted(
            .networkManage, .delete, "/v1/tenants/{tenant}/network", "removeNetworkRule", "Take a range of addresses out", tag: "Network",
            query: .object(
                "",
                [
                    .required("range", .string(2...64), "As it is listed.", example: "192.0.2.0/24"),
                    .optional("force", .boolean, "Do it although your own address is not let in any more."),
                ]),
            success: .init(.noContent, "In force from the next request on, on every host.")
        ) { permit, call, host in
            try await host.edge.remove(
                try range(call.query["range"]?.stringValue ?? ""), keeping: keeping(call, call.query["force"]), permit, at: call.origin)
            return Reply(.noContent)
        },
        .permitted(
            .networkManage, .get, "/v1/tenants/{tenant}/origins", "origins", "Which sites' pages use the API", tag: "Network",
            success: .init(.ok, "Exact origins.", .any)
        ) { permit, _, host in
            .ok(["origins": .array(try await host.edge.origins(permit).map(\.json))])
        },
        .permitted(
            .networkManage, .post, "/v1/tenants/{tenant}/origins", "addOrigin", "Let pages of an origin use the API", tag: "Network",
            body: .json(
                .object("", [.required("origin", .string(8...270), "Scheme, host and perhaps port.", example: "https://panel.example")])),
            success: .init(.noContent, "In force for requests at once; for what browsers ask in advance, within a second.")
        ) { permit, call, host in
            try await host.edge.add(origin: try BrowserOrigins.one(call.text("origin"), host), permit, at: call.origin)
            return Reply(.noContent)
        },
        .permitted(
            .networkManage, .delete, "/v1/tenants/{tenant}/origins", "removeOrigin", "Take an origin out", tag: "Network",
            query: .object("", [.required("origin", .string(8...270), "As it is listed.", example: "https://panel.example")]),
            success: .init(.noContent, "In force for requests at once.")
        ) { permit, call, host in
            try await host.edge.remove(
                origin: try BrowserOrigins.one(call.query["origin"]?.stringValue ?? "", host), permit, at: call.origin)
            return Reply(.noContent)
        },
    ]

    private static func range(_ text: String) throws(Problem) -> NetworkPrefix {
        guard let range = NetworkPrefix(text) else {
            throw .invalidField("range", "must be an address, or a range whose address ends in zero bits, such as 192.0.2.0/24")
        }
        return range
    }

    /// Who asks must be able to take it back, unless it is said that nobody needs to.
    private static func keeping(_ call: RouteCall, _ force: Value?) -> TenantEdgeService.Keeping {
        force == .bool(true) ? .nobody : .address(call.origin.address ?? "")
    }
}

extension BrowserOrigins {
    /// One origin in the spelling that browsers send.
    fileprivate static func one(_ text: String, _ host: Host) throws(Problem) -> String {
        do throws(Invalid) {
            return try BrowserOrigins([text], allowsLoopback: host.configuration.isDevelopment).texts.first ?? ""
        } catch {
            throw .invalidField("origin", error.description)
        }
    }
}

extension TenantEdgeRepository.Range {
    fileprivate var json: Value {
        [
            "range": .string(range.description), "verdict": .string(verdict.rawValue), "created_at": .int(createdAt),
            "created_by": .string(createdBy),
        ]
    }
}

extension TenantEdgeRepository.Origin {
    fileprivate var json: Value {
        ["origin": .string(origin), "created_at": .int(createdAt), "created_by": .string(createdBy)]
    }
}
