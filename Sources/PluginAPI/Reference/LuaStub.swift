// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

/// Writes the definitions for the Lua language server.
struct LuaStub {
    private var lines: [String] = []
    private var defined: Set<String> = []

    init() {
        lines = [
            "-- SPDX-License-Identifier: Apache-2.0", "-- Copyright 2026 The Panelhost Authors", "",
            "---@meta", "",
            "-- What a Panelhost plugin sees, for the Lua language server. Made from the tables that the host validates with; do not edit.",
            "-- Put it into your workspace library, and write above an operation:", "--   ---@type panelhost.operation.notifier.send", "",
            "---A secret that only the host can read. It can stand in a request and be a key of `ctx.crypto`, and nothing else.",
            "---@class panelhost.Secret", "",
        ]
        context()
        panel()
        lines += [
            "---An answer that something went wrong.", "---@class panelhost.Failure", "---@field ok false",
            "---@field error panelhost.Error", "",
        ]
        define(PluginFailure.schema)
        for kind in PluginKind.allCases { operations(of: kind) }
    }

    var text: String { lines.joined(separator: "\n") + "\n" }

    private mutating func context() {
        lines += ["---What the host offers during one call. Read-only.", "---@class panelhost.Context"]
        for field in HostFunctions.contextFields { lines.append(Self.line(field)) }
        var namespaces: [String] = []
        for function in HostFunctions.all where !namespaces.contains(function.namespace) { namespaces.append(function.namespace) }
        lines += namespaces.map { "---@field \($0) panelhost.Context.\($0)" } + [""]
        for namespace in namespaces {
            let functions = HostFunctions.all.filter { $0.namespace == namespace }
            let capability = functions.first?.capability ?? ""
            lines += capability.isEmpty ? [] : ["---Needs the capability \"\(capability)\" in plugin.json."]
            lines += ["---@class panelhost.Context.\(namespace)", "local \(namespace) = {}", ""]
            for function in functions { define(function) }
        }
        for schema in [
            HostFunctions.requestType, HostFunctions.optionsType, HostFunctions.responseType, HostFunctions.networkErrorType, .money,
        ] { define(schema) }
    }

    private mutating func define(_ function: ContextFunction) {
        lines += function.doc.split(separator: "\n").map { "---" + $0 }
        for parameter in function.parameters {
            lines.append(
                "---@param \(parameter.name)\(parameter.isOptional ? "?" : "") \(parameter.schema.luaType)"
                    + (parameter.doc.isEmpty ? "" : " \(parameter.doc)"))
        }
        for result in function.results {
            let optional = result.isOptional ? "|nil" : ""
            lines.append("---@return \(result.schema.luaType)\(optional) \(result.name)" + (result.doc.isEmpty ? "" : " \(result.doc)"))
        }
        lines += ["function \(function.name)(\(function.parameters.map(\.name).joined(separator: ", "))) end", ""]
    }

    private mutating func panel() {
        lines += [
            "---Stands for JSON null, where leaving a field out is not the same.", "---@class panelhost.Null", "",
            "---@class panelhost.Panel",
            "---@field null panelhost.Null", "panel = {}", "",
            "---Marks a table as a list, so that an empty one is not taken for an object.",
            "---@generic T: table", "---@param list T", "---@return T", "function panel.array(list) end", "",
        ]
    }

    private mutating func operations(of kind: PluginKind) {
        for operation in Operation.all(for: kind) {
            let name = "\(kind.rawValue).\(operation.name)"
            let request: String
            if operation.request.fields == Operation.message.fields {
                define(Operation.message)
                request = "panelhost.Message"
            } else {
                request = "panelhost.request.\(name)"
                define(request, operation.request.fields, doc: "What `\(operation.name)` gets.")
            }
            if let parent = operation.result.name {
                define(operation.result)
                lines += ["---@class panelhost.answer.\(name) : panelhost.\(parent)", "---@field ok true", ""]
            } else {
                define("panelhost.answer.\(name)", operation.result.fields, doc: "What `\(operation.name)` answers.", isAnswer: true)
            }
            lines += [
                "---\(operation.doc)",
                "---@alias panelhost.operation.\(name) fun(ctx: panelhost.Context, req: \(request)): panelhost.answer.\(name)|panelhost.Failure",
                "",
            ]
        }
    }

    private mutating func define(_ schema: Schema) {
        guard let name = schema.name, defined.insert(name).inserted else { return }
        switch schema.shape {
        case .object(let fields): define("panelhost.\(name)", fields, doc: schema.doc)
        case .choice(let tag, let variants):
            for variant in variants {
                let fields = [Schema.Field.required(tag, .enumeration([variant.tag]), "")] + variant.fields
                define("panelhost.\(name).\(variant.tag)", fields, doc: variant.doc)
            }
            lines += [
                "---\(schema.doc)", "---@alias panelhost.\(name) " + variants.map { "panelhost.\(name).\($0.tag)" }.joined(separator: "|"),
                "",
            ]
        default: break
        }
    }

    private mutating func define(_ name: String, _ fields: [Schema.Field], doc: String, isAnswer: Bool = false) {
        var own: [String] = doc.isEmpty ? [] : ["---" + doc]
        own.append("---@class \(name)")
        if isAnswer { own.append("---@field ok true") }
        own += fields.map(Self.line) + [""]
        lines += own
        for field in fields { defineMentioned(field.schema) }
    }

    private mutating func defineMentioned(_ schema: Schema) {
        define(schema)
        switch schema.shape {
        case .array(let element, _), .map(let element, _, _): defineMentioned(element)
        case .union(let options): options.forEach { defineMentioned($0) }
        case .object(let fields) where schema.name == nil: fields.forEach { defineMentioned($0.schema) }
        default: break
        }
    }

    private static func line(_ field: Schema.Field) -> String {
        let doc = field.doc.isEmpty ? field.schema.doc : field.doc
        return "---@field \(field.name)\(field.isRequired ? "" : "?") \(field.schema.luaType)" + (doc.isEmpty ? "" : " \(doc)")
    }
}
