// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

/// Writes the reference page; named types are described once, where they are first asked for or at the end.
struct MarkdownPage {
    private var lines: [String] = []
    private var described: Set<String> = []
    private var waiting: [Schema] = []

    /// The page, with links to its chapters where ``contents()`` stood.
    var finished: String {
        let chapters = lines.filter { $0.hasPrefix("## ") }.map { $0.dropFirst(3) }
        let contents = chapters.map { "[\($0)](#\(Self.anchor($0)))" }.joined(separator: " · ")
        var text = ""
        for line in lines {
            let line = line == Self.contentsMark ? contents : line
            // One blank line between blocks, none doubled.
            if line.isEmpty, text.hasSuffix("\n\n") { continue }
            text += line + "\n"
        }
        while text.hasSuffix("\n\n") { text.removeLast() }
        return text
    }

    private static let contentsMark = "<contents>"

    mutating func contents() { lines += [Self.contentsMark, ""] }

    /// The name under which a heading can be linked to.
    static func anchor(_ heading: some StringProtocol) -> String {
        String(
            heading.lowercased().filter { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" || $0 == " " }.map { $0 == " " ? "-" : $0 })
    }

    /// Says that a type needs no description among the types: it has a chapter of its own.
    mutating func chapter(for schema: Schema) {
        described.insert(schema.name ?? "")
        waiting.removeAll { $0.name == schema.name }
    }

    mutating func text(_ text: String) { lines += [text, ""] }
    mutating func heading(_ level: Int, _ text: String) { lines += [String(repeating: "#", count: level) + " " + text, ""] }

    mutating func table(_ head: [String], _ rows: [[String]]) {
        lines.append("| " + head.joined(separator: " | ") + " |")
        lines.append("|" + String(repeating: "---|", count: head.count))
        for row in rows { lines.append("| " + row.joined(separator: " | ") + " |") }
        lines.append("")
    }

    /// A table of fields; objects without a name of their own are written out below their field.
    mutating func fields(_ fields: [Schema.Field], without skipped: Set<String> = []) {
        table(["field", "type", "meaning"], rows(fields, prefix: "", without: skipped))
    }

    private mutating func rows(_ fields: [Schema.Field], prefix: String, without skipped: Set<String> = []) -> [[String]] {
        var result: [[String]] = []
        for field in fields {
            let name = prefix + field.name
            let need = field.isRequired ? "**`\(name)`**" : "`\(name)`"
            if skipped.contains(field.name) {
                result.append([need, "object", Self.cell(field.doc) + " See [below](#\(Self.anchor(field.name)))."])
                continue
            }
            result.append([need, field.schema.markdownType, meaning(field)])
            remember(field.schema)
            if let (inner, mark) = Self.anonymous(field.schema) { result += rows(inner, prefix: name + mark + ".") }
        }
        return result
    }

    private func meaning(_ field: Schema.Field) -> String {
        let doc = field.doc.isEmpty ? field.schema.doc : field.doc
        guard let example = field.example, !isObvious(field) else { return Self.cell(doc) }
        return Self.cell(doc) + (doc.isEmpty ? "" : " ") + "e.g. `" + JSON.text(example).replacing("|", with: "\\|") + "`"
    }

    /// The example says nothing that the type does not.
    private func isObvious(_ field: Schema.Field) -> Bool {
        switch field.schema.shape {
        case .boolean: true
        case .string(let rule): !rule.values.isEmpty
        default: false
        }
    }

    private static func cell(_ text: String) -> String { text.replacing("|", with: "\\|").replacing("\n", with: " ") }

    private static func anonymous(_ schema: Schema) -> ([Schema.Field], String)? {
        switch schema.shape {
        case .object(let fields) where schema.name == nil: (fields, "")
        case .array(let element, _): anonymous(element).map { ($0.0, "[]" + $0.1) }
        default: nil
        }
    }

    // MARK: Types

    private mutating func remember(_ schema: Schema) {
        if let name = schema.name {
            guard !described.contains(name), !waiting.contains(where: { $0.name == name }) else { return }
            waiting.append(schema)
            return
        }
        switch schema.shape {
        case .array(let element, _), .map(let element, _, _): remember(element)
        case .union(let options): options.forEach { remember($0) }
        default: break
        }
    }

    /// Describes a named type here.
    mutating func type(_ schema: Schema) {
        guard let name = schema.name, described.insert(name).inserted else { return }
        waiting.removeAll { $0.name == name }
        heading(4, name)
        text(schema.doc)
        switch schema.shape {
        case .object(let fields): self.fields(fields)
        case .choice(let tag, let variants):
            table(
                ["`\(tag)`", "beside it", "meaning"],
                variants.map { variant in
                    let members = variant.fields.map { field in
                        remember(field.schema)
                        return "\(field.isRequired ? "**`\(field.name)`**" : "`\(field.name)`") \(field.schema.markdownType)"
                            + (field.doc.isEmpty ? "" : ": " + Self.cell(field.doc))
                    }
                    return ["`\(variant.tag)`", members.joined(separator: "<br>"), Self.cell(variant.doc)]
                })
        default: break
        }
    }

    /// Describes every type that was mentioned and not described yet, and those that they mention.
    mutating func remainingTypes() {
        while let next = waiting.sorted(by: { ($0.name ?? "") < ($1.name ?? "") }).first { type(next) }
    }

    // MARK: Functions and operations

    mutating func functions(_ functions: [ContextFunction]) {
        var namespace = ""
        for function in functions {
            if function.namespace != namespace {
                namespace = function.namespace
                heading(3, "ctx.\(namespace)")
                if !function.capability.isEmpty {
                    text("Needs the capability `\(function.capability)`. Without it `ctx.\(namespace)` raises:")
                    lines += ["```text", HostFunctions.denial(function.capability, isRequested: false), "```", ""]
                }
            }
            let parameters = function.parameters.map { $0.isOptional ? "\($0.name)?" : $0.name }.joined(separator: ", ")
            let results = function.results.map(\.name).joined(separator: ", ")
            heading(4, "ctx.\(function.name)(\(parameters))" + (results.isEmpty ? "" : " → \(results)"))
            text(function.doc + (function.place == .host ? " *Host call.*" : ""))
            for parameter in function.parameters + function.results { remember(parameter.schema) }
            let described = (function.parameters + function.results).filter { !$0.doc.isEmpty }
            if !described.isEmpty {
                lines += described.map { "- `\($0.name)`: \($0.schema.markdownType). \($0.doc)" } + [""]
            }
            lines += ["```lua", function.example, "```", ""]
        }
    }

    mutating func operation(_ operation: Operation) {
        heading(3, operation.name)
        text("*\(operation.need.text)*" + (operation.isMutating ? "" : " · read-only: GET and HEAD, no writing to storage"))
        text(operation.doc + (operation.isServed ? "" : " *This version of the host does not call it yet.*"))
        if operation.request.fields.isEmpty {
            text("`req` is empty.")
        } else if operation.request.fields == Operation.message.fields {
            text("`req` is a [Message](#message).")
            remember(Operation.message)
        } else if operation.request.fields == Operation.webhookRequest, operation.name != "verify_webhook" {
            text("`req` is the same as for `verify_webhook`: `method`, `path`, `query`, `headers`, `raw_body`.")
        } else {
            text("`req`:")
            fields(operation.request.fields)
        }
        if let name = operation.result.name {
            text("Answer: `ok = true` and the fields of [\(name)](#\(name.lowercased())).")
            remember(operation.result)
        } else if operation.result.fields.isEmpty {
            text("Answer: `{ ok = true }`.")
        } else {
            text("Answer: `ok = true` and")
            fields(operation.result.fields)
        }
        if let example = operation.exampleAnswer { lines += ["```lua", "return " + LuaText.text(example), "```", ""] }
    }
}
