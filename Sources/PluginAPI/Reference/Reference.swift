// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

/// The documents for plugin authors, made from the same tables that validate.
package enum Reference {
    /// `docs/plugin-api.md`.
    package static func markdown() -> String {
        var page = MarkdownPage()
        page.text(ReferenceText.introduction)
        page.contents()
        page.heading(2, "A whole plugin")
        page.text(ReferenceText.firstPlugin)

        for schema in [Capabilities.schema, PluginLimits.schema] + PluginKind.allCases.map(KindProfile.schema) { page.chapter(for: schema) }
        page.heading(2, "plugin.json")
        page.text(ReferenceText.manifest)
        page.fields(ManifestSchema.fields, without: ["hooks", "capabilities", "config_schema", "limits"])
        page.heading(3, "capabilities")
        page.text(ReferenceText.capabilities)
        page.fields(Capabilities.schema.fields)
        page.type(HTTPDestination.schema)
        page.heading(3, "config_schema")
        page.text(ReferenceText.config)
        page.fields(ConfigSchema.metaSchema.fields)
        page.type(ConfigSchema.fieldSchema)
        page.heading(3, "limits")
        page.fields(PluginLimits.schema.fields)
        for kind in PluginKind.allCases {
            page.heading(3, kind.profileKey)
            page.text("Only for the kind `\(kind)`. " + KindProfile.schema(kind).doc)
            page.fields(KindProfile.schema(kind).fields)
        }
        page.type(ProviderIdempotency.schema)
        page.type(WebhookProfile.schema)
        page.heading(3, "hooks")
        page.text(ReferenceText.hooks)
        if let hooks = ManifestSchema.fields.first(where: { $0.name == "hooks" }), case .array(let hook, _) = hooks.schema.shape {
            page.fields(hook.fields)
        }
        page.text(PanelEvent.bySubject)

        page.heading(2, "An operation")
        page.text(ReferenceText.operation)
        page.type(PluginFailure.schema)
        page.table(["code", "means"], PluginFailure.Code.allCases.map { ["`\($0.rawValue)`", $0.doc] })
        page.text(ReferenceText.outcome)

        page.heading(2, "ctx")
        page.text(ReferenceText.context)
        page.fields(HostFunctions.contextFields)
        page.text(ReferenceText.secrets)
        page.functions(HostFunctions.all)
        page.text(ReferenceText.panel)

        for kind in PluginKind.allCases {
            page.heading(2, "\(kind): operations")
            page.text(ReferenceText.kind(kind))
            Operation.all(for: kind).forEach { page.operation($0) }
        }
        page.heading(2, "Types")
        page.remainingTypes()
        page.heading(2, "Lua in a cell")
        page.text(ReferenceText.language)
        page.heading(2, "Limits of the host")
        page.text(ReferenceText.limits)
        page.heading(2, "When something is refused")
        page.text(ReferenceText.refusals)
        return page.finished
    }

    /// The name under which a heading of the page can be linked to.
    package static func anchor(_ heading: String) -> String { MarkdownPage.anchor(heading) }

    /// `docs/panelhost.lua`: definitions for the Lua language server.
    package static func luaStub() -> String { LuaStub().text }
}
