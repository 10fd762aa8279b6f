// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPTypes
import Host
import PluginAPI
import Security
import Storage
import Values

extension RouteTable {
    private static let tenantPlugin = "/v1/tenants/{tenant}/plugins/{plugin}"
    private static let label = Schema.object(
        "",
        [
            .optional("label", .string(1...40), "Which instance of the plugin; `default` unless said otherwise.")
        ])

    private static let changes = Schema.object(
        "", [.required("programs", .array(.any), "`program`, `label`, and `changed`: false when it was so before.")])

    private static func capabilities(_ value: Value) throws(Problem) -> Capabilities {
        do {
            return try Capabilities(validating: value)
        } catch {
            throw .invalidRequest(error.violations.map { .init($0, root: "approved_capabilities", under: "approved_capabilities") })
        }
    }

    static let plugins: [Route] = [
        .listed(
            .pluginRead, "/v1/plugins", "listPlugins", "The plugins that are installed", tag: "Plugins",
            success: .init(
                .ok, "Those that the caller may see, with what the caller's tenant made of each.",
                .object("", [.required("plugins", .array(.any))]))
        ) { permit, _, host in
            .ok(["plugins": .array(try await host.plugins.list(permit).map(\.json))])
        },
        .permitted(
            .pluginInstall, .post, "/v1/plugins", "installPlugin", "Install a plugin from its archive", tag: "Plugins",
            body: .raw(contentType: "application/x-tar", maxBytes: 2 * 1024 * 1024),
            success: .init(.created, "Installed for the whole host; no tenant has it yet.", .any)
        ) { permit, call, host in
            let installed = try await host.recordingDenial(of: permit, at: call.origin) {
                try await host.plugins.install(call.body, permit, call.origin)
            }
            return .created([
                "plugin": .string(installed.id.description), "version": .string(installed.version), "hash": .string(installed.hash),
                "kind": .string(installed.kind), "name": .string(installed.name), "signed": .bool(installed.isSigned),
            ])
        },
        .permitted(
            .pluginKill, .post, "/v1/plugins/{program}/kill", "killPlugin", "Stop a plugin for every tenant at once", tag: "Plugins",
            body: .json(
                .object("", [.optional("reason", .string(1...200), "For the audit trail and for every tenant that has the plugin.")])),
            success: .init(
                .ok,
                "Stopped on every host within a second, until it is revived: calls in flight end, later ones are refused with `plugin_killed`. `{program}` is a content's hash, `id@version`, or an id for all its versions.",
                changes)
        ) { permit, call, host in
            let changes = try await host.recordingDenial(of: permit, at: call.origin) {
                try await host.stops.kill(call.program(), reason: call.input["reason"]?.stringValue, permit, call.origin)
            }
            return .ok(["programs": .array(changes.map(\.json))])
        },
        .permitted(
            .pluginKill, .post, "/v1/plugins/{program}/revive", "revivePlugin", "Let a stopped plugin run again", tag: "Plugins",
            success: .init(.ok, "It may run again; what is quarantined stays so.", changes)
        ) { permit, call, host in
            let changes = try await host.recordingDenial(of: permit, at: call.origin) {
                try await host.stops.revive(call.program(), permit, call.origin)
            }
            return .ok(["programs": .array(changes.map(\.json))])
        },
        .permitted(
            .pluginRead, .get, tenantPlugin, "getTenantPlugin", "What a tenant made of a plugin", tag: "Plugins",
            success: .init(.ok, "Of secrets only that they are set, and a fingerprint.", .any)
        ) { permit, call, host in
            .ok(try await host.plugins.get(call.plugin(), permit).json)
        },
        .permitted(
            .pluginEnable, .put, tenantPlugin, "setTenantPlugin", "Approve capabilities, switch on or off", tag: "Plugins",
            body: .json(
                .object(
                    "",
                    [
                        .required("enabled", .boolean, "Whether the tenant uses the plugin."),
                        .optional(
                            "version", .string(1...64),
                            "The installed version to use; the one in use, or else the newest, unless said otherwise."),
                        .optional(
                            "approved_capabilities", .map(.any, 0...8),
                            "What the plugin may do, in the form of `requested_capabilities`: all of it, or less. Needs `plugin.approve_capabilities` too."
                        ),
                    ])),
            success: .init(.ok, "The decision as it is now.", .any)
        ) { permit, call, host in
            let (plugin, version) = (try call.plugin(), call.input["version"]?.stringValue)
            if let approved = call.input["approved_capabilities"] {
                let capabilities = try capabilities(approved)
                let approver = try await host.admit(
                    permit.principal, to: .pluginApproveCapabilities, in: call.parameters["tenant"],
                    on: ResourceName("plugin", plugin.description), at: call.origin)
                _ = try await host.plugins.approve(plugin, version: version, capabilities: capabilities, approver, call.origin)
            }
            let decision =
                call.input["enabled"]?.boolValue == true
                ? try await host.plugins.enable(plugin, version: version, permit, call.origin)
                : try await host.plugins.disable(plugin, permit, call.origin)
            return .ok([
                "plugin": .string(decision.plugin.description), "version": .string(decision.version), "hash": .string(decision.hash),
                "status": .string(decision.status.rawValue), "approved_capabilities": decision.approved,
            ])
        },
        .permitted(
            .pluginEnable, .post, tenantPlugin + "/release", "releasePlugin", "Let a quarantined plugin run again", tag: "Plugins",
            success: .init(
                .ok, "The versions that were in quarantine; none when there was nothing to release.",
                .object("", [.required("released", .array(.string(max: 64)))]))
        ) { permit, call, host in
            let released = try await host.stops.release(call.plugin(), permit, call.origin)
            return .ok(["released": Value(released)])
        },
        .permitted(
            .pluginConfigure, .put, tenantPlugin + "/config", "configurePlugin", "Set the plugin's configuration", tag: "Plugins",
            body: .json(.map(.any, 0...100)), query: label,
            success: .init(
                .ok, "The fields that were touched. What is left out stays as it is; null clears; a secret cannot be read back.",
                .object("", [.required("changed", .array(.string(max: 64)))]))
        ) { permit, call, host in
            let changed = try await host.plugins.configure(
                call.plugin(), label: call.query["label"]?.stringValue ?? "default", input: call.input, permit, call.origin)
            return .ok(["changed": .array(changed.map { .string($0) })])
        },
        .permitted(
            .pluginConfigure, .post, tenantPlugin + "/test", "testPlugin", "Ask the plugin whether its configuration works", tag: "Plugins",
            query: label, success: .init(.ok, "`ok` says whether it works; `error` or `result` say more.", .any)
        ) { permit, call, host in
            let report = try await host.plugins.test(
                call.plugin(), label: call.query["label"]?.stringValue ?? "default", permit, call.origin)
            return switch report.result {
            case .success(let value): .ok(["ok": true, "result": value])
            case .failure(let failure): .ok(["ok": false, "error": failure.json])
            }
        },
    ]
}

extension PluginListing {
    /// As administrators see it.
    fileprivate var json: Value {
        var view: [String: Value] = [
            "plugin": .string(installed.id.description), "version": .string(installed.version), "hash": .string(installed.hash),
            "kind": .string(installed.kind), "name": .string(installed.name), "description": .string(manifest.summary),
            "signed": .bool(installed.isSigned), "requested_capabilities": manifest.requestedCapabilities.value,
            "config_schema": manifest.config.jsonSchema,
            "status": .string(decision?.status.rawValue ?? "available"),
            "instances": .array(instances.map(\.json)),
        ]
        if let stop { view["stopped"] = stop.json }
        if let decision { view["approved_capabilities"] = decision.approved }
        if let upgrade { view["upgrade"] = .string(upgrade) }
        return .map(view)
    }
}

extension PluginListing.Instance {
    fileprivate var json: Value {
        [
            "instance_id": .string(id.description), "label": .string(label), "missing": .array(missing.map { .string($0) }),
            "config": .map(
                settings.mapValues { setting in
                    switch setting {
                    case .plain(let value): value
                    case .secret(let updatedAt, let fingerprint):
                        ["set": true, "updated_at": .int(updatedAt), "fingerprint": .string(fingerprint)]
                    }
                }),
        ]
    }
}

extension PluginStop {
    /// Why, and since when; by whom is for the operators' trail.
    fileprivate var json: Value { ["kind": .string(kind.rawValue), "reason": .string(reason), "since": .int(since)] }
}

extension PluginStops.Change {
    fileprivate var json: Value { ["program": .string(program), "label": .string(label), "changed": .bool(isNew)] }
}

extension RouteCall {
    /// The `{program}` of the path.
    fileprivate func program() throws(Problem) -> ProgramName {
        guard let name = parameters["program"].flatMap(ProgramName.init) else { throw .notFound }
        return name
    }
}

extension PluginFailure {
    /// As an administrator sees it, who is setting the plugin up.
    fileprivate var json: Value {
        ["code": .string(code.rawValue), "message": .string(message), "retryable": .bool(isRetryable)]
    }
}
