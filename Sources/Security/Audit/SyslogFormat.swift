// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

/// Events as messages of RFC 5424, however hostile the texts in them are.
public struct SyslogFormat: Sendable, Hashable {
    /// What stands in the message beside who, where and which.
    public enum Content: Sendable, Hashable {
        /// A JSON object in the message, which holds every text unchanged; the structured data names trail, place and id.
        case json(AuditExportFormat)
        /// Everything as structured data.
        case structured
    }

    /// What every receiver must take (RFC 5424, 6.1).
    public static let leastBytes = 480

    private let content: Content
    private let host: String
    private let maxBytes: Int

    /// - Parameters:
    ///   - host: this machine's name; what cannot stand in a header is replaced.
    ///   - maxBytes: no message is longer.
    public init(_ content: Content, host: String, maxBytes: Int) {
        self.content = content
        self.host = Self.header(host, limit: 128)
        self.maxBytes = max(maxBytes, Self.leastBytes)
    }

    /// One event as one message, without framing.
    ///
    /// What is too long loses its detail first, then every text but trail, place and id; `cut="1"` says so.
    public func message(_ row: AuditExportRow) -> [UInt8] {
        for message in [full(row), reduced(row)] where message.count <= maxBytes { return message }
        return Array((head(row) + " " + data(row, all: false, isCut: true)).utf8)
    }

    private func full(_ row: AuditExportRow) -> [UInt8] { assemble(row, isCut: false) }

    private func reduced(_ row: AuditExportRow) -> [UInt8] {
        var row = row
        row.detail = #"{"cut":true}"#
        return assemble(row, isCut: true)
    }

    private func assemble(_ row: AuditExportRow, isCut: Bool) -> [UInt8] {
        let prefix = head(row) + " "
        switch content {
        case .json(let format):
            var line = format.line(row)
            if line.last == UInt8(ascii: "\n") { line.removeLast() }
            return Array((prefix + data(row, all: false, isCut: isCut) + " ").utf8) + Self.plain(line)
        case .structured:
            let text = Self.value("\(row.action) \(row.resource): \(row.outcome)", limit: 600, escaping: false)
            return Array((prefix + data(row, all: true, isCut: isCut) + " " + text).utf8)
        }
    }

    /// JSON without characters that could disguise a message: those that JSON allows stand in its strings only, and are escaped there.
    private static func plain(_ json: [UInt8]) -> [UInt8] {
        guard json.contains(where: { $0 >= 0x7F }) else { return json }
        var plain: [UInt8] = []
        plain.reserveCapacity(json.count + 64)
        for scalar in String(decoding: json, as: UTF8.self).unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .format:
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    plain += Array("\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8)
                }
            default: plain += Array(String(scalar).utf8)
            }
        }
        return plain
    }

    // MARK: Parts

    /// `<PRI>1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID`.
    private func head(_ row: AuditExportRow) -> String {
        // Facility 13, "log audit".
        let priority = 13 * 8 + severity(row)
        return "<\(priority)>1 \(row.time) \(host) panelhost - \(Self.header(row.action, limit: 32))"
    }

    private func severity(_ row: AuditExportRow) -> Int {
        let outcome = AuditOutcome(rawValue: row.outcome)
        return switch row.type?.severity(outcome) ?? .low {
        case .informational: 6
        case .low: 5
        case .medium: 4
        case .high: 3
        }
    }

    /// The structured data; 32473 is the enterprise number that is set aside for such uses.
    private func data(_ row: AuditExportRow, all: Bool, isCut: Bool) -> String {
        var members: [(String, String?)] = [
            ("tenant", row.tenant), ("index", row.proof.map { String($0.index) }), ("id", row.id),
        ]
        if all {
            members += [
                ("actor", row.actor), ("action", row.action), ("resource", row.resource), ("outcome", row.outcome),
                ("correlation", row.correlation), ("address", row.address), ("detail", row.detail),
            ]
        }
        if isCut { members.append(("cut", "1")) }
        // Small enough that what is left of the longest event fits into what every receiver takes.
        let limits = ["tenant": 64, "id": 64, "detail": 8_192]
        let texts = members.compactMap { name, value in
            value.map { " \(name)=\"\(Self.value($0, limit: limits[name] ?? 512))\"" }
        }
        return "[audit@32473\(texts.joined())]"
    }

    /// A header field: printable ASCII without spaces, and never empty.
    private static func header(_ text: String, limit: Int) -> String {
        let bytes = text.utf8.prefix(limit).map { (0x21...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }
        return bytes.isEmpty ? "-" : String(decoding: bytes, as: UTF8.self)
    }

    /// A parameter's value: no control character, no line separator, nothing that ends it early.
    private static func value(_ text: String, limit: Int, escaping: Bool = true) -> String {
        var (value, count) = ("", 0)
        for scalar in text.unicodeScalars {
            var written = String.UnicodeScalarView()
            switch scalar {
            case "\"" where escaping, "\\" where escaping, "]" where escaping: written = String.UnicodeScalarView(["\\", scalar])
            default:
                switch scalar.properties.generalCategory {
                case .control, .lineSeparator, .paragraphSeparator, .format: written.append("\u{FFFD}")
                default: written.append(scalar)
                }
            }
            count += String(written).utf8.count
            guard count <= limit else { break }
            value.unicodeScalars.append(contentsOf: written)
        }
        return value
    }
}

/// How messages follow each other on a connection (RFC 6587, 3.4.1): each with its length in front, whatever is in it.
public enum SyslogFraming {
    /// One message, framed.
    public static func octetCounted(_ message: [UInt8]) -> [UInt8] { Array("\(message.count) ".utf8) + message }
}
