// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import Values

extension Schema {
    /// What happens to a field that the schema does not know.
    public enum UnknownFields: Sendable, Hashable {
        /// It is a violation: for input from people, where it is a typing error.
        case refuse
        /// It is dropped: for answers of plugins, which may be newer than the host.
        ///
        /// Lua has one empty table for both, so an empty array may stand for an empty object and the other way round.
        case drop
    }

    /// Reports stop after so many violations.
    public static let mostViolations = 32

    /// Everything that is wrong with `value`, in the order of the schema; empty when it is right.
    public func validate(_ value: Value, unknown: UnknownFields = .refuse) -> [Violation] {
        var check = SchemaCheck(unknown: unknown)
        check.check(value, self)
        return check.violations
    }

    /// The value as the schema describes it; unknown fields and null options are gone.
    public func validated(_ value: Value, unknown: UnknownFields = .refuse) throws(SchemaViolations) -> Value {
        let violations = validate(value, unknown: unknown)
        guard violations.isEmpty else { throw SchemaViolations(violations) }
        return sanitized(value)
    }

    /// The value without the fields that the schema does not know.
    ///
    /// Only meant for a value that ``validate(_:unknown:)`` has passed.
    public func sanitized(_ value: Value) -> Value {
        switch (shape, value) {
        case (.object(let fields), _): Self.sanitized(value, fields)
        case (.choice(let tag, let variants), .map(let members)):
            Self.variant(variants, of: members[tag]).map { variant in
                var result = Self.sanitized(value, variant.fields)
                if result.isNull { result = [:] }
                result[tag] = .string(variant.tag)
                return result
            } ?? value
        case (.array(let element, _), .array(let elements)): .array(elements.map(element.sanitized))
        case (.array, .map): []
        case (.map, .array): [:]
        case (.map(let element, _, _), .map(let members)): .map(members.mapValues(element.sanitized))
        case (.union(let options), _): options.first { $0.validate(value, unknown: .drop).isEmpty }?.sanitized(value) ?? value
        default: value
        }
    }

    private static func sanitized(_ value: Value, _ fields: [Field]) -> Value {
        let members = value.mapValue ?? [:]
        var kept: [String: Value] = [:]
        for field in fields {
            guard let member = members[field.name], !member.isNull || field.schema.isNullable else { continue }
            kept[field.name] = field.schema.sanitized(member)
        }
        return .map(kept)
    }

    static func variant(_ variants: [Variant], of tag: Value?) -> Variant? {
        guard let tag = tag?.stringValue else { return nil }
        return variants.first { $0.tag == tag }
    }
}

/// One pass over a value, collecting what is wrong.
private struct SchemaCheck {
    let unknown: Schema.UnknownFields
    private(set) var violations: [Violation] = []
    private var path = ValuePath()

    init(unknown: Schema.UnknownFields) { self.unknown = unknown }

    private var isFull: Bool { violations.count >= Schema.mostViolations }

    private mutating func report(_ message: String, hint: String? = nil) {
        guard !isFull else { return }
        violations.append(Violation(path, message, hint: hint))
    }

    private mutating func at(_ step: ValuePath.Step, _ body: (inout SchemaCheck) -> Void) {
        guard !isFull else { return }
        path.push(step)
        body(&self)
        path.pop()
    }

    mutating func check(_ value: Value, _ schema: Schema, example: Value? = nil) {
        if schema.isNullable, value.isNull { return }
        switch schema.shape {
        case .any: break
        case .boolean: if value.boolValue == nil { wrongKind(value, "true or false", example) }
        case .integer(let range):
            guard let number = value.intValue else { return wrongKind(value, "an integer", example) }
            guard !range.contains(number) else { return }
            report(number < range.lowerBound ? "must be at least \(range.lowerBound)" : "must be at most \(range.upperBound)")
        case .string(let rule): check(value, rule, example)
        case .octets(let max):
            guard let bytes = value.bytesValue else { return wrongKind(value, "a string", example) }
            if bytes.count > max { report("is longer than \(max) bytes") }
        case .secret: if value.secretValue == nil { wrongKind(value, "a secret handle", example) }
        case .array(let element, let count): check(value, elements: element, count, example)
        case .map(let element, let count, let keyLength): check(value, members: element, count, keyLength, example)
        case .object(let fields): check(value, fields, tag: nil, example)
        case .choice(let tag, let variants): check(value, tag, variants, example)
        case .union(let options):
            let failures = options.map { $0.validate(value, unknown: unknown) }
            guard !failures.contains(where: \.isEmpty) else { return }
            // The option that got furthest says the most useful thing.
            let best = failures.max { ($0.first?.location.steps.count ?? 0) < ($1.first?.location.steps.count ?? 0) }
            if let best, best.first?.location.steps.isEmpty == false {
                for violation in best where !isFull {
                    violations.append(Violation(ValuePath(path.steps + violation.location.steps), violation.message, hint: violation.hint))
                }
            } else {
                wrongKind(value, options.map(\.kindText).joined(separator: " or "), example)
            }
        }
    }

    private mutating func wrongKind(_ value: Value, _ expected: String, _ example: Value?) {
        var hint = example.map { "for example \(JSON.text($0))" }
        if case .double = value, expected == "an integer" {
            hint = "write it without fraction and exponent; in Lua divide with // and not with /"
        }
        report("must be \(expected), not \(value.kindName)", hint: hint)
    }

    private mutating func check(_ value: Value, _ rule: StringRule, _ example: Value?) {
        guard let text = value.stringValue else { return wrongKind(value, "a string", example) }
        if !rule.values.isEmpty {
            guard !rule.values.contains(text) else { return }
            if rule.values.count == 1 { return report("must be \"\(rule.values[0])\"") }
            let near = Nearest.match(to: text, among: rule.values)
            return report("must be one of \(rule.values.joined(separator: ", "))", hint: near.map { "did you mean \"\($0)\"?" })
        }
        let count = text.unicodeScalars.count
        if count < rule.length.lowerBound {
            return report(count == 0 ? "must not be empty" : "must have at least \(rule.length.lowerBound) characters")
        }
        if count > rule.length.upperBound { return report("must have at most \(rule.length.upperBound) characters; it has \(count)") }
        if text.utf8.count > max(rule.length.upperBound, 4096) {
            return report("must have at most \(max(rule.length.upperBound, 4096)) bytes")
        }
        if let format = rule.format, !format.matches(text) { return report("must be \(format.expectation)") }
        if let pattern = rule.pattern, !pattern.matches(text) { report("must match \(pattern.source)") }
    }

    private mutating func check(_ value: Value, elements schema: Schema, _ count: ClosedRange<Int>, _ example: Value?) {
        guard let elements = value.arrayValue ?? (isEmptyTable(value) ? [] : nil) else { return wrongKind(value, "an array", example) }
        if elements.count < count.lowerBound { return report("must have at least \(count.lowerBound) elements") }
        if elements.count > count.upperBound { return report("must have at most \(count.upperBound) elements; it has \(elements.count)") }
        for (index, element) in elements.enumerated() where !isFull {
            at(.index(index)) { $0.check(element, schema) }
        }
    }

    private mutating func check(_ value: Value, members schema: Schema, _ count: ClosedRange<Int>, _ keyLength: Int, _ example: Value?) {
        guard let members = value.mapValue ?? (isEmptyTable(value) ? [:] : nil) else { return wrongKind(value, "an object", example) }
        if members.count < count.lowerBound { return report("must have at least \(count.lowerBound) members") }
        if members.count > count.upperBound { return report("must have at most \(count.upperBound) members; it has \(members.count)") }
        for name in members.keys.sorted() where !isFull {
            if name.unicodeScalars.count > keyLength { report("has a name of more than \(keyLength) characters") }
            at(.member(name)) { $0.check(members[name] ?? .null, schema) }
        }
    }

    private mutating func check(_ value: Value, _ tag: String, _ variants: [Schema.Variant], _ example: Value?) {
        guard let members = value.mapValue else { return wrongKind(value, "an object", example) }
        guard let variant = Schema.variant(variants, of: members[tag]) else {
            let tags = variants.map(\.tag)
            return at(.member(tag)) { check in
                guard let written = members[tag], !written.isNull else {
                    return check.report("is missing", hint: "one of \(tags.joined(separator: ", "))")
                }
                check.check(written, .enumeration(tags))
            }
        }
        check(value, variant.fields, tag: tag, example)
    }

    private mutating func check(_ value: Value, _ fields: [Schema.Field], tag: String?, _ example: Value?) {
        guard let members = value.mapValue ?? (isEmptyTable(value) ? [:] : nil) else { return wrongKind(value, "an object", example) }
        for field in fields {
            let member = members[field.name] ?? .null
            if member.isNull, !(field.schema.isNullable && members[field.name] != nil) {
                guard field.isRequired else { continue }
                let hint = field.example.map { "write \(JSON.text(.string(field.name))): \(JSON.text($0))" }
                at(.member(field.name)) { $0.report("is missing", hint: hint) }
            } else {
                at(.member(field.name)) { $0.check(member, field.schema, example: field.example) }
            }
        }
        guard unknown == .refuse, members.count > 0 else { return }
        let known = fields.map(\.name)
        for name in members.keys.sorted() where name != tag && !known.contains(name) && !isFull {
            let near = Nearest.match(to: name, among: known)
            at(.member(name)) { $0.report("is not a known field", hint: near.map { "did you mean \"\($0)\"?" }) }
        }
    }

    private func isEmptyTable(_ value: Value) -> Bool {
        guard unknown == .drop else { return false }
        return value == .array([]) || value == .map([:])
    }
}

/// Finds what somebody probably meant.
package enum Nearest {
    /// The candidate with the smallest edit distance, if it is near enough to be a typing error.
    package static func match(to text: String, among candidates: [String]) -> String? {
        guard text.utf8.count <= 64 else { return nil }
        let folded = Array(text.lowercased().utf8)
        let allowed = max(1, min(3, folded.count / 3))
        var best: (String, Int)?
        for candidate in candidates {
            let distance = distance(folded, Array(candidate.lowercased().utf8))
            if distance <= allowed, distance < best?.1 ?? .max { best = (candidate, distance) }
        }
        return best?.0
    }

    /// Insertions, deletions, replacements and exchanged neighbours.
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var before: [Int] = []
        var row = Array(0...b.count)
        for i in a.indices {
            var next = [i + 1]
            for j in b.indices {
                var best = min(row[j] + (a[i] == b[j] ? 0 : 1), row[j + 1] + 1, next[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, before[j - 1] + 1) }
                next.append(best)
            }
            before = row
            row = next
        }
        return row[b.count]
    }
}
