// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import Values

/// One function of `ctx` or `panel`, as plugins see it.
public struct ContextFunction: Sendable, Hashable {
    /// Where it runs.
    public enum Place: Sendable, Hashable {
        /// Inside the cell.
        case cell
        /// In the host: it counts as a host call, and not everywhere in Lua code can it be called.
        case host
    }

    /// A value that goes in or comes out.
    public struct Parameter: Sendable, Hashable {
        /// Its name in the reference.
        public var name: String
        /// What it must look like.
        public var schema: Schema
        /// Whether it may be left out.
        public var isOptional: Bool
        /// What it means.
        public var doc: String

        static func required(_ name: String, _ schema: Schema, _ doc: String = "") -> Parameter {
            Parameter(name: name, schema: schema, isOptional: false, doc: doc)
        }

        static func optional(_ name: String, _ schema: Schema, _ doc: String = "") -> Parameter {
            Parameter(name: name, schema: schema, isOptional: true, doc: doc)
        }
    }

    /// The name after `ctx.`, for example `http.request`; on the wire too.
    public let name: String
    /// Where it runs.
    public let place: Place
    /// The capability that it needs; empty for what every plugin has.
    public let capability: String
    /// What it does.
    public let doc: String
    /// What goes in.
    public let parameters: [Parameter]
    /// What comes out.
    public let results: [Parameter]
    /// A line or a few of Lua.
    public let example: String

    init(
        _ name: String, _ place: Place, capability: String = "", _ doc: String, _ parameters: [Parameter] = [],
        returns results: [Parameter] = [], example: String
    ) {
        self.name = name
        self.place = place
        self.capability = capability
        self.doc = doc
        self.parameters = parameters
        self.results = results
        self.example = example
    }

    /// The part before the dot.
    public var namespace: String { name.split(separator: ".").first.map(String.init) ?? name }

    /// Everything that is wrong with the arguments of a call; the first step is the parameter's name.
    public func validate(_ arguments: [Value]) -> [Violation] {
        var found: [Violation] = []
        if arguments.count > parameters.count {
            found.append(Violation(ValuePath(), "takes at most \(parameters.count) arguments, not \(arguments.count)"))
        }
        for (index, parameter) in parameters.enumerated() {
            let value = index < arguments.count ? arguments[index] : .null
            if value.isNull, parameter.isOptional || parameter.schema.isNullable { continue }
            if value.isNull, parameter.schema.shape != .any {
                found.append(Violation(ValuePath(members: parameter.name), "is missing"))
                continue
            }
            found += parameter.schema.validate(value, unknown: .refuse).map {
                Violation(ValuePath([.member(parameter.name)] + $0.location.steps), $0.message, hint: $0.hint)
            }
        }
        return found
    }
}
