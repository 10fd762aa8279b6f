// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import PluginAPI
import Values

/// A body with one fault, and the field that the answer has to name.
struct BodyProbe {
    var fault: String
    var bytes: [UInt8]
    var type: String? = "application/json"
    var field: String

    init(_ fault: String, _ bytes: some Sequence<UInt8>, type: String? = "application/json", field: String = "body") {
        (self.fault, self.bytes, self.type, self.field) = (fault, Array(bytes), type, field)
    }
}

extension BodyProbe {
    /// Faults of the body as a whole, whatever the route takes.
    static func whole(_ schema: Schema) -> [BodyProbe] {
        let good = JSON.serialize(schema.example)
        let inner = good.dropFirst().dropLast()
        return [
            BodyProbe("text/plain", good, type: "text/plain", field: "content-type"),
            BodyProbe("no type", good, type: nil, field: "content-type"),
            BodyProbe("a form", good, type: "application/x-www-form-urlencoded", field: "content-type"),
            BodyProbe("another charset", good, type: "application/json; charset=iso-8859-1", field: "content-type"),
            BodyProbe("almost the type", good, type: "application/jsonx", field: "content-type"),
            BodyProbe("nothing", []),
            BodyProbe("spaces", "   ".utf8),
            BodyProbe("cut off", good.dropLast()),
            BodyProbe("a second value", good + good),
            BodyProbe("an array", [UInt8(ascii: "[")] + good + [UInt8(ascii: "]")]),
            BodyProbe("null", "null".utf8),
            BodyProbe("a string", "\"x\"".utf8),
            BodyProbe("a number", "1".utf8),
            BodyProbe("a comment", Array("/**/".utf8) + good),
            BodyProbe("a byte order mark", [0xEF, 0xBB, 0xBF] + good),
            BodyProbe("not UTF-8", Array("{\"a\":\"".utf8) + [0xC3, 0x28] + Array("\"}".utf8)),
            BodyProbe("UTF-16", good.flatMap { [$0, 0] }),
            BodyProbe("a lone surrogate", #"{"a":"\ud800"}"#.utf8),
            BodyProbe("a raw NUL", Array("{\"a\":\"".utf8) + [0] + Array("\"}".utf8)),
            BodyProbe("not a number", #"{"a":NaN}"#.utf8),
            BodyProbe("10,000 arrays", String(repeating: "[", count: 10_000).utf8),
            BodyProbe(
                "10,000 arrays inside", #"{"a":\#(String(repeating: "[", count: 10_000))\#(String(repeating: "]", count: 10_000))}"#.utf8),
            BodyProbe("10,000 objects", String(repeating: #"{"a":"#, count: 10_000).utf8),
            BodyProbe("a member twice", #"{"zz":1,"zz":1}"#.utf8),
            BodyProbe("a member twice, once escaped", Array("{".utf8) + inner + Array(#","zz":1,"\u007az":1}"#.utf8)),
            BodyProbe("20,000 members", "{\((0..<20_000).map { #""\#($0)":1"# }.joined(separator: ","))}".utf8.prefix(60_000)),
        ]
    }

    /// Faults of each member, however deep: missing, unknown, of a wrong type, too long, with a NUL.
    static func members(_ schema: Schema) -> [BodyProbe] {
        var probes: [BodyProbe] = []
        collect(schema, schema.example, ValuePath(), into: &probes) { $0 }
        return probes
    }

    private static func collect(
        _ schema: Schema, _ value: Value, _ path: ValuePath, into probes: inout [BodyProbe], _ whole: (Value) -> Value
    ) {
        func add(_ fault: String, _ value: Value, at field: ValuePath) {
            let name = field.description.isEmpty ? "body" : field.description
            probes.append(BodyProbe("\(name) \(fault)", JSON.serialize(whole(value)), field: name))
        }
        for wrong in wrongKinds(schema) { add("is \(JSON.text(wrong))", wrong, at: path) }
        switch schema.shape {
        case .string(let rule):
            if rule.values.isEmpty, rule.length.upperBound < 20_000 {
                add("is too long", .string(String(repeating: "x", count: rule.length.upperBound + 1)), at: path)
            }
            if rule.length.lowerBound > 0 || !rule.values.isEmpty { add("is empty", "", at: path) }
            add("holds a NUL", .string((value.stringValue ?? "x").prefix(max(0, rule.length.upperBound - 1)) + "\u{0}"), at: path)
        case .integer(let range):
            if range.upperBound < .max { add("is too large", .int(range.upperBound + 1), at: path) }
            if range.lowerBound > .min { add("is too small", .int(range.lowerBound - 1), at: path) }
        case .object(let fields):
            let members = value.mapValue ?? [:]
            add("has another member", .map(members.merging(["zz_unknown": 1]) { $1 }), at: path.member("zz_unknown"))
            add("has a member with a NUL in its name", .map(members.merging(["a\u{0}b": 1]) { $1 }), at: path.member("a\u{0}b"))
            for field in fields {
                let put = { (member: Value?) -> Value in
                    var members = members
                    members[field.name] = member
                    return .map(members)
                }
                let inner = path.member(field.name)
                if field.isRequired {
                    add("misses \(field.name)", put(nil), at: inner)
                    add("has \(field.name): null", put(.null), at: inner)
                }
                collect(field.schema, members[field.name] ?? .null, inner, into: &probes) { whole(put($0)) }
            }
        case .array(let element, let count):
            let first = value[0] ?? element.example
            if count.upperBound < 1000 { add("has too many", .array(Array(repeating: first, count: count.upperBound + 1)), at: path) }
            // As many as it takes at least, so that the first one is all that is wrong.
            let rest = Array(repeating: first, count: max(0, count.lowerBound - 1))
            collect(element, first, path.index(0), into: &probes) { whole(.array([$0] + rest)) }
        case .map(let element, let count, _):
            let many = (0...count.upperBound).map { ("n\($0)", element.example) }
            add("has too many", .map(Dictionary(uniqueKeysWithValues: many)), at: path)
            add("has a NUL in a name", ["a\u{0}b": element.example], at: path.member("a\u{0}b"))
            collect(element, element.example, path.member("name"), into: &probes) { whole(["name": $0]) }
        case .any:
            add("holds a NUL", "a\u{0}b", at: path)
        default: break
        }
    }

    private static func wrongKinds(_ schema: Schema) -> [Value] {
        switch schema.shape {
        case .any, .union: []
        case .boolean: ["true", 1]
        case .integer: ["1", 1.5, true, [:], .double(1e300)]
        case .string: [1, true, [], [:]]
        case .array: [[:], "x", 1]
        case .object, .map, .choice: [[], "x", 1, true]
        case .octets, .secret: [1]
        }
    }
}
