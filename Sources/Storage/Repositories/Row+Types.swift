// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
package import Values

extension Row {
    /// The column as an identifier.
    package func id<Subject>(_ column: String) throws -> Identifier<Subject> {
        guard let id = Identifier<Subject>(try text(column)) else { throw unexpected(column, "an identifier") }
        return id
    }

    /// The column as an identifier, `nil` for NULL.
    package func optionalID<Subject>(_ column: String) throws -> Identifier<Subject>? {
        guard let text: String = try self[column] else { return nil }
        guard let id = Identifier<Subject>(text) else { throw unexpected(column, "an identifier") }
        return id
    }

    /// The column as a plugin's name.
    package func plugin(_ column: String) throws -> PluginID {
        guard let id = PluginID(try text(column)) else { throw unexpected(column, "a plugin id") }
        return id
    }

    /// The column as a tenant's slug.
    package func slug(_ column: String) throws -> TenantSlug {
        guard let slug = TenantSlug(try text(column)) else { throw unexpected(column, "a tenant's slug") }
        return slug
    }

    /// The column as a case of an enumeration.
    package func choice<Choice: RawRepresentable<String>>(_ column: String) throws -> Choice {
        guard let choice = Choice(rawValue: try text(column)) else { throw unexpected(column, "one of the known words") }
        return choice
    }

    /// The column's JSON text as a value.
    package func json(_ column: String) throws -> Value {
        do {
            return try JSON.parse(Array(try text(column).utf8), limits: .stored)
        } catch is JSONError {
            throw unexpected(column, "JSON")
        }
    }

    /// The column's hexadecimal text as bytes: how bytes are stored, since engines differ in their blob types.
    package func hex(_ column: String) throws -> [UInt8] {
        guard let bytes = Hex.decode(try text(column)) else { throw unexpected(column, "hexadecimal text") }
        return bytes
    }

    private func unexpected(_ column: String, _ expected: String) -> StorageError {
        StorageError(.unexpectedValue, "column \(column) does not hold \(expected)")
    }
}

extension ValueLimits {
    /// What was accepted once under narrower limits must stay readable.
    static var stored: ValueLimits { ValueLimits(maxBytes: 4 << 20, maxDepth: 64, maxNodes: 200_000) }
}
