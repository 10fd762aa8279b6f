// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

/// The form of `plugin.json`, without what only a kind declares.
enum ManifestSchema {
    static let fields: [Schema.Field] = [
        .required("manifest_version", .integer(1...1), "The form of this file. Always 1.", example: 1),
        .required(
            "id", .string(max: 125, format: .slug), "Unique on a host: lower-case letters, digits, single hyphens.", example: "acme-pay"),
        .required("name", .string(1...60, format: .text), "What people call it.", example: "Acme Pay"),
        .required("version", .string(max: 64), "Semantic version; an upgrade must have a greater one.", example: "1.0.0"),
        .required("description", .string(1...250, format: .text), "What it does, in a sentence.", example: "Charges cards through Acme."),
        .optional("author", .string(1...120, format: .text), "Who wrote it.", example: "Acme Ltd."),
        .optional("license", .string(1...120, format: .text), "SPDX expression.", example: "MIT"),
        .optional("homepage", .string(1...250, format: .https), "Where to read more.", example: "https://acme.test/panelhost"),
        .optional("panel1", .string(max: 200), "Versions of the panel that it works with.", example: ">=0.1.0 <1.0.0"),
        .required("host_api", .enumeration([PluginContract.hostAPI]), "Major of the host interface. Always \"1\".", example: "1"),
        .required("kind", .enumeration(PluginKind.self), "What it is for.", example: "notifier"),
        .optional("entry", .string(max: 100), "The file that runs. Default `main.lua`.", example: "main.lua"),
        .required(
            "operations", .array(.string(1...64), 1...32), "The operations that it implements.", example: ["validate_config", "send"]),
        .optional(
            "hooks",
            .array(
                .object(
                    "",
                    [
                        .required("event", .string(1...64), "The event's name.", example: "invoice.created"),
                        .required("version", .integer(1...1), "Version of its payload.", example: 1),
                    ]), 0...32), "Events that it wants to hear of.", example: [["event": "invoice.created", "version": 1]]),
        .optional("capabilities", Capabilities.schema, "What it wants to reach."),
        .optional("config_schema", ConfigSchema.metaSchema, "Its settings, as a subset of JSON Schema."),
        .optional("limits", PluginLimits.schema, "What one invocation may use."),
    ]

    /// The whole form for one kind; without a kind the three declarations are taken as they are.
    static func schema(_ kind: PluginKind?) -> Schema {
        let profiles: [Schema.Field] = PluginKind.allCases.compactMap { other in
            guard let kind else { return .optional(other.profileKey, .any, "") }
            guard other == kind else { return nil }
            return .required(kind.profileKey, KindProfile.schema(kind), "What only this kind declares.")
        }
        return Schema.object("", fields + profiles)
    }
}
