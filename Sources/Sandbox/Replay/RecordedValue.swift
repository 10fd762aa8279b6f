// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

/// The form of a recording on disk: strict JSON for people to read.
///
/// JSON has no bytes, no secrets and no infinity, so these are an object with one member: `{"$bytes": "…"}` in base64, `{"$secret": {…}}`,
/// `{"$double": "nan"}`. A map with one member that looks like one of them is wrapped in `{"$map": …}`.
enum RecordedValue {
    static func json(_ value: Value) -> Value {
        switch value {
        case .bytes(let bytes): return ["$bytes": .string(Base64.encode(bytes))]
        case .secret(let use): return ["$secret": secret(use)]
        case .double(let number) where !number.isFinite: return ["$double": .string(number.isNaN ? "nan" : number < 0 ? "-inf" : "inf")]
        case .array(let elements): return .array(elements.map(json))
        case .map(let members):
            let map = Value.map(members.mapValues(json))
            return members.count == 1 && members.keys.allSatisfy { $0.hasPrefix("$") } ? ["$map": map] : map
        default: return value
        }
    }

    static func value(_ json: Value, at path: ValuePath) throws(RecordingError) -> Value {
        switch json {
        case .array(let elements):
            var values: [Value] = []
            values.reserveCapacity(elements.count)
            for (index, element) in elements.enumerated() { values.append(try value(element, at: path.index(index))) }
            return .array(values)
        case .map(let members):
            if members.count == 1, let (name, member) = members.first, name.hasPrefix("$") { return try special(name, member, at: path) }
            return .map(try map(members, at: path))
        default: return json
        }
    }

    static func map(_ members: [String: Value], at path: ValuePath) throws(RecordingError) -> [String: Value] {
        var values: [String: Value] = [:]
        for (name, member) in members { values[name] = try value(member, at: path.member(name)) }
        return values
    }

    private static func special(_ name: String, _ member: Value, at path: ValuePath) throws(RecordingError) -> Value {
        let path = path.member(name)
        switch (name, member) {
        case ("$map", .map(let members)): return .map(try map(members, at: path))
        case ("$bytes", .string(let text)):
            guard let bytes = Base64.decode(text) else { throw .malformed(path, "is not base64") }
            return .octets(bytes)
        case ("$double", "nan"): return .double(.nan)
        case ("$double", "inf"): return .double(.infinity)
        case ("$double", "-inf"): return .double(-.infinity)
        case ("$secret", .map(let members)): return .secret(try secret(members, at: path))
        default: throw .malformed(path, "is none of $bytes, $double, $map and $secret as they are written")
        }
    }

    private static func secret(_ use: SecretUse) -> Value {
        switch use.form {
        case .raw: ["name": .string(use.name), "form": "raw"]
        case .bearer: ["name": .string(use.name), "form": "bearer"]
        case .basic(let user): ["name": .string(use.name), "form": "basic", "user": .string(user)]
        case .text(let parts):
            [
                "form": "text",
                "parts": .array(
                    parts.map { part in
                        switch part {
                        case .literal(let text): .string(text)
                        case .secret(let name): ["secret": .string(name)]
                        }
                    }),
            ]
        }
    }

    private static func secret(_ members: [String: Value], at path: ValuePath) throws(RecordingError) -> SecretUse {
        let name = members["name"]?.stringValue
        switch (members["form"]?.stringValue, name, members["user"]?.stringValue, members["parts"]?.arrayValue) {
        case ("raw", let name?, nil, nil): return SecretUse(name: name)
        case ("bearer", let name?, nil, nil): return SecretUse(name: name, form: .bearer)
        case ("basic", let name?, let user?, nil): return SecretUse(name: name, form: .basic(user: user))
        case ("text", nil, nil, let parts?):
            var read: [SecretUse.Part] = []
            for part in parts {
                if let text = part.stringValue {
                    read.append(.literal(text))
                } else if let name = part["secret"]?.stringValue {
                    read.append(.secret(name))
                } else {
                    throw .malformed(path, "has a part that is none")
                }
            }
            return SecretUse(name: "", form: .text(read))
        default: throw .malformed(path, "is no secret as it is written")
        }
    }
}
