// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// The data that crosses walls: between the host and a cell, between a request and a route, between a row and a record.
///
/// Text that is valid UTF-8 is always ``string(_:)``; ``bytes(_:)`` only ever holds what is not. ``octets(_:)`` keeps that rule.
/// A ``secret(_:)`` is a reference that the host fills in at egress; it has no JSON form.
public enum Value: Sendable, Hashable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string(String)
    case bytes([UInt8])
    case array([Value])
    case map([String: Value])
    case secret(SecretUse)

    /// The value for raw bytes: a string when they are valid UTF-8, bytes otherwise.
    public static func octets(_ bytes: some Collection<UInt8>) -> Value {
        if let text = String(utf8: bytes) { return .string(text) }
        return .bytes(Array(bytes))
    }
}

extension String {
    /// The text of valid UTF-8; nil for everything else.
    ///
    /// Most text is ASCII, which needs no validation: the standard library's validating initialiser costs several times more.
    init?(utf8 bytes: some Collection<UInt8>) {
        if bytes.allSatisfy({ $0 < 0x80 }) {
            self = String(decoding: bytes, as: UTF8.self)
        } else {
            self.init(validating: bytes, as: UTF8.self)
        }
    }
}

/// How a plugin asked for a secret to be filled in at egress: the cell only ever holds this reference.
public struct SecretUse: Sendable, Hashable {
    /// The shape in which the host writes the secret.
    public enum Form: Sendable, Hashable {
        /// The secret itself.
        case raw
        /// `Bearer <secret>`.
        case bearer
        /// `Basic base64(user:secret)`.
        case basic(user: String)
        /// A text of literals and secrets, for example the body of a message that carries a code.
        case text([Part])
    }

    /// One piece of a ``Form/text(_:)``.
    public enum Part: Sendable, Hashable {
        /// Written as it is.
        case literal(String)
        /// The secret of that name.
        case secret(String)
    }

    /// The configuration field that holds the secret; empty for a ``Form/text(_:)``, whose parts name theirs.
    public var name: String
    /// The shape in which it is written.
    public var form: Form

    /// Refers to the secret in configuration field `name`.
    public init(name: String, form: Form = .raw) {
        self.name = name
        self.form = form
    }
}

extension SecretUse: CustomStringConvertible {
    /// Never the secret, and not its name either: references turn up in logs.
    public var description: String { "[secret]" }
}

// MARK: - Reading

extension Value {
    /// True for ``null``.
    public var isNull: Bool { self == .null }

    /// The boolean, if it is one.
    public var boolValue: Bool? {
        if case .bool(let value) = self { return value }
        return nil
    }

    /// The integer, if it is one.
    ///
    /// A double is never an integer, even when it is whole.
    public var intValue: Int64? {
        if case .int(let value) = self { return value }
        return nil
    }

    /// The number as a double, whether it was written as integer or as double.
    public var doubleValue: Double? {
        switch self {
        case .double(let value): value
        case .int(let value): Double(value)
        default: nil
        }
    }

    /// The text, if it is text.
    public var stringValue: String? {
        if case .string(let value) = self { return value }
        return nil
    }

    /// The bytes of a string or of bytes.
    public var bytesValue: [UInt8]? {
        switch self {
        case .string(let value): Array(value.utf8)
        case .bytes(let value): value
        default: nil
        }
    }

    /// The elements, if it is an array.
    public var arrayValue: [Value]? {
        if case .array(let value) = self { return value }
        return nil
    }

    /// The members, if it is a map.
    public var mapValue: [String: Value]? {
        if case .map(let value) = self { return value }
        return nil
    }

    /// The reference, if it is a secret.
    public var secretValue: SecretUse? {
        if case .secret(let value) = self { return value }
        return nil
    }

    /// The member with that name; nil when there is none or this is no map.
    ///
    /// Setting makes a map of what was null.
    public subscript(_ name: String) -> Value? {
        get {
            if case .map(let members) = self { return members[name] }
            return nil
        }
        set {
            switch self {
            case .map(var members):
                self = .null  // so that the dictionary is unique and changed in place
                members[name] = newValue
                self = .map(members)
            case .null:
                if let newValue { self = .map([name: newValue]) }
            default: break
            }
        }
    }

    /// The element at that position; nil when there is none or this is no array.
    public subscript(_ index: Int) -> Value? {
        if case .array(let elements) = self, elements.indices.contains(index) { return elements[index] }
        return nil
    }

    /// The word for this kind of value in messages to people: "a string", "an object" and so on.
    public var kindName: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .int: "an integer"
        case .double: "a number with a fraction or exponent"
        case .string: "a string"
        case .bytes: "bytes that are not UTF-8"
        case .array: "an array"
        case .map: "an object"
        case .secret: "a secret"
        }
    }
}

// MARK: - Literals

extension Value: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral {
    /// `nil` is ``null``.
    public init(nilLiteral: ()) { self = .null }
    /// A boolean.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// An integer.
    public init(integerLiteral value: Int64) { self = .int(value) }
    /// A double.
    public init(floatLiteral value: Double) { self = .double(value) }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
}

extension Value: ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    /// An array.
    public init(arrayLiteral elements: Value...) { self = .array(elements) }
    /// A map; of two members with one name the last one counts.
    public init(dictionaryLiteral elements: (String, Value)...) {
        self = .map(Dictionary(elements, uniquingKeysWith: { _, last in last }))
    }
}

extension Value {
    /// A string, or null.
    public init(_ value: String?) { self = value.map(Value.string) ?? .null }
    /// An integer, or null.
    public init(_ value: Int64?) { self = value.map(Value.int) ?? .null }
    /// An integer.
    public init(_ value: Int) { self = .int(Int64(value)) }
    /// A boolean.
    public init(_ value: Bool) { self = .bool(value) }
    /// A list of strings.
    public init(_ values: some Sequence<String>) { self = .array(values.map(Value.string)) }

    /// A map without the members whose value is nil or null.
    ///
    /// Both, since in `isEmpty ? nil : value` the compiler takes `nil` for ``null``. A null that must be there is written as a plain literal.
    public static func compact(_ members: KeyValuePairs<String, Value?>) -> Value {
        var map: [String: Value] = [:]
        for case (let name, let value?) in members where !value.isNull { map[name] = value }
        return .map(map)
    }
}

extension Value: CustomStringConvertible {
    /// The canonical JSON text.
    ///
    /// It holds the data itself: wrap what must not reach a log.
    public var description: String { JSON.text(self) }
}
