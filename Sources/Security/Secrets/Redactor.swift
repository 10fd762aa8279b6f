// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import Values

/// Takes out of texts and values what must not reach a log, an audit record, an error or an event.
///
/// Exact secrets (as they are, in base64, hex or URL encoding), `Bearer` and `Basic` credentials, card numbers,
/// values under secret-looking names, e-mail addresses and telephone numbers. It runs on every log line: two passes
/// over the bytes, no regular expressions.
public struct Redactor: Sendable {
    private let needles: NeedleSet

    /// A redactor that also knows these secrets.
    ///
    /// Those shorter than four bytes are left out: they would blank every text.
    public init(secrets: [Secret] = []) {
        needles = NeedleSet(secrets)
    }

    /// A redactor that knows no particular secret.
    public static let standard = Redactor()

    /// The text without what must not be seen.
    public func scrub(_ text: String) -> String {
        var text = text
        return text.withUTF8 { bytes in
            var scanner = RedactionScanner(needles.replace(bytes))
            return String(decoding: scanner.scan(), as: UTF8.self)
        }
    }

    /// The value without what must not be seen: in strings, and whole under secret-looking names.
    public func scrub(_ value: Value) -> Value {
        switch value {
        case .string(let text): .string(scrub(text))
        case .array(let items): .array(items.map(scrub))
        case .map(let members): .map(scrub(members))
        case .bytes(let bytes): .octets(needles.replace(bytes))
        case .int(let number): RedactionScanner.isCardNumber(number) ? .string("[redacted]") : value
        case .null, .bool, .double, .secret: value
        }
    }

    /// The members without what must not be seen.
    public func scrub(_ members: [String: Value]) -> [String: Value] {
        var clean: [String: Value] = [:]
        clean.reserveCapacity(members.count)
        for (name, value) in members {
            let hidden = SensitiveKey.matches(name.utf8) && !value.isNull
            // A name can be made of outside data as well.
            clean[scrub(name)] = hidden ? .string("[redacted]") : scrub(value)
        }
        return clean
    }
}
