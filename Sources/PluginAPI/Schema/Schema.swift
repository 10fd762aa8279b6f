// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import Values

/// What a value must look like: the one description that feeds validation, OpenAPI, the Lua stub and the reference.
///
/// ```swift
/// let payment = Schema.object("A payment.", [
///     .required("amount", .money, "What to charge."),
///     .optional("capture", .enumeration(["automatic", "manual"]), "When the money moves."),
/// ])
/// ```
public struct Schema: Sendable, Hashable {
    package indirect enum Shape: Sendable, Hashable {
        case any
        case boolean
        case integer(ClosedRange<Int64>)
        case string(StringRule)
        /// A string, or bytes that are not UTF-8.
        case octets(max: Int)
        case secret
        case array(Schema, count: ClosedRange<Int>)
        case map(Schema, count: ClosedRange<Int>, keyLength: Int)
        case object([Field])
        /// Objects told apart by the member `tag`.
        case choice(tag: String, [Variant])
        case union([Schema])
    }

    package var shape: Shape
    /// The name under which the reference and the Lua stub know this type; nil where it is described in place.
    public var name: String?
    /// What it is, for the reference.
    public var doc: String
    /// Whether null stands for "not there" even where the field is required.
    public var isNullable = false

    package init(_ shape: Shape, name: String? = nil, doc: String = "") {
        self.shape = shape
        self.name = name
        self.doc = doc
    }

    /// One member of an object.
    public struct Field: Sendable, Hashable {
        /// Its name.
        public var name: String
        /// What its value must look like.
        public var schema: Schema
        /// Whether it has to be there.
        public var isRequired: Bool
        /// What it means, for the reference.
        public var doc: String
        /// A value as an author would write it: shown in the reference, and as the hint of a problem.
        public var example: Value?

        /// A member that has to be there.
        public static func required(_ name: String, _ schema: Schema, _ doc: String = "", example: Value? = nil) -> Field {
            Field(name: name, schema: schema, isRequired: true, doc: doc, example: example)
        }

        /// A member that may be missing; null counts as missing.
        public static func optional(_ name: String, _ schema: Schema, _ doc: String = "", example: Value? = nil) -> Field {
            Field(name: name, schema: schema, isRequired: false, doc: doc, example: example)
        }
    }

    /// One of the objects of a choice.
    public struct Variant: Sendable, Hashable {
        /// The tag's value.
        public var tag: String
        /// The members beside the tag.
        public var fields: [Field]
        /// What it means, for the reference.
        public var doc: String

        /// The object whose tag is `tag`.
        public init(_ tag: String, _ doc: String = "", _ fields: [Field] = []) {
            self.tag = tag
            self.fields = fields
            self.doc = doc
        }
    }
}

// MARK: - Making

extension Schema {
    /// Anything.
    public static let any = Schema(.any)
    /// True or false.
    public static let boolean = Schema(.boolean)
    /// A whole number; a number with a fraction or an exponent is refused even when it is whole.
    public static func integer(_ range: ClosedRange<Int64> = -9_007_199_254_740_991...9_007_199_254_740_991) -> Schema {
        Schema(.integer(range))
    }
    /// Milliseconds since 1970-01-01T00:00:00Z.
    public static let milliseconds = Schema(.integer(0...253_402_300_799_999), doc: "Milliseconds since 1970-01-01T00:00:00Z.")
    /// Text; the length counts Unicode scalars.
    public static func string(_ length: ClosedRange<Int> = 0...4096, format: StringFormat? = nil, pattern: Pattern? = nil) -> Schema {
        Schema(.string(StringRule(length: length, values: [], format: format, pattern: pattern)))
    }
    /// Text of at most so many Unicode scalars.
    public static func string(max: Int, format: StringFormat? = nil) -> Schema { string(0...max, format: format) }
    /// Text that is one of these words.
    public static func enumeration(_ values: [String]) -> Schema { Schema(.string(StringRule(length: 0...4096, values: values))) }
    /// Text that is one of the words of a type.
    public static func enumeration<T: CaseIterable & RawRepresentable<String>>(_ type: T.Type) -> Schema {
        enumeration(T.allCases.map(\.rawValue))
    }
    /// Raw bytes; in Lua a string.
    public static func octets(max: Int) -> Schema { Schema(.octets(max: max)) }
    /// A secret handle: the bytes themselves never cross.
    public static let secret = Schema(.secret)
    /// A list.
    public static func array(_ element: Schema, _ count: ClosedRange<Int> = 0...1000) -> Schema { Schema(.array(element, count: count)) }
    /// Members of any name, all of one kind.
    public static func map(_ element: Schema, _ count: ClosedRange<Int> = 0...100, keyLength: Int = 100) -> Schema {
        Schema(.map(element, count: count, keyLength: keyLength))
    }
    /// An object of these members and no others.
    public static func object(_ doc: String = "", _ fields: [Field]) -> Schema { Schema(.object(fields), doc: doc) }
    /// An object that the reference shows under a name of its own.
    public static func type(_ name: String, _ doc: String, _ fields: [Field]) -> Schema { Schema(.object(fields), name: name, doc: doc) }
    /// Objects told apart by their member `tag`.
    public static func choice(_ name: String, tag: String = "type", _ doc: String, _ variants: [Variant]) -> Schema {
        Schema(.choice(tag: tag, variants), name: name, doc: doc)
    }
    /// Any one of these.
    public static func union(_ members: [Schema]) -> Schema { Schema(.union(members)) }
    /// The same, and null.
    public var nullable: Schema {
        var copy = self
        copy.isNullable = true
        return copy
    }
    /// The same with another text in the reference.
    public func documented(_ doc: String) -> Schema {
        var copy = self
        copy.doc = doc
        return copy
    }

    /// The members, if it describes an object.
    public var fields: [Field] {
        if case .object(let fields) = shape { return fields }
        return []
    }

    /// The same object with further members.
    public func adding(_ more: [Field]) -> Schema {
        guard case .object(let fields) = shape else { return self }
        var copy = self
        copy.shape = .object(fields + more)
        return copy
    }
}

/// What a text must look like.
package struct StringRule: Sendable, Hashable {
    package var length: ClosedRange<Int>
    package var values: [String]
    package var format: StringFormat?
    package var pattern: Pattern?

    package init(length: ClosedRange<Int>, values: [String], format: StringFormat? = nil, pattern: Pattern? = nil) {
        self.length = length
        self.values = values
        self.format = format
        self.pattern = pattern
    }
}
