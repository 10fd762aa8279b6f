// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Fields joined so that no two lists of fields give the same bytes: each carries its length in front.
///
/// Joining with a separator is how `("a|b", "c")` becomes `("a", "b|c")`.
struct LengthPrefixed {
    private(set) var bytes: [UInt8] = []

    init() {}

    init(_ fields: String...) {
        bytes.reserveCapacity(256)
        for field in fields { append(field) }
    }

    mutating func append(_ field: String) {
        var field = field
        field.withUTF8 { append($0) }
    }

    mutating func append(_ field: some Collection<UInt8>) {
        append(raw: UInt64(field.count))
        bytes.append(contentsOf: field)
    }

    mutating func append(_ number: Int64) {
        append(raw: 8)
        append(raw: UInt64(bitPattern: number))
    }

    private mutating func append(raw number: UInt64) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
