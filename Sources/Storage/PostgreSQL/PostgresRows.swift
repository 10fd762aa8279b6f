// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import CPostgres

/// Reads the rows of a result, strictly by the types of its columns.
enum PostgresRows {
    static func read(_ result: OpaquePointer) throws -> [Row] {
        let width = PQnfields(result)
        let height = PQntuples(result)
        guard width > 0, height > 0 else { return [] }
        let columns = (0..<width).map { PQfname(result, $0).map { String(cString: $0) } ?? "" }
        let types = (0..<width).map { PQftype(result, $0) }
        var rows: [Row] = []
        rows.reserveCapacity(Int(height))
        for line in 0..<height {
            var values: [SQLValue] = []
            values.reserveCapacity(Int(width))
            for column in 0..<width {
                if PQgetisnull(result, line, column) != 0 {
                    values.append(.null)
                    continue
                }
                let bytes = UnsafeRawBufferPointer(start: PQgetvalue(result, line, column), count: Int(PQgetlength(result, line, column)))
                guard let value = value(bytes, type: types[Int(column)]) else {
                    throw StorageError(
                        .unexpectedValue,
                        "column \(columns[Int(column)]) has a value or a type (\(types[Int(column)])) that is not readable")
                }
                values.append(value)
            }
            rows.append(Row(columns: columns, values: values))
        }
        return rows
    }

    /// How many rows a statement changed, as its tag says.
    static func changed(_ result: OpaquePointer) -> Int {
        guard let text = PQcmdTuples(result) else { return 0 }
        return Int(String(cString: text)) ?? 0
    }

    static func value(_ bytes: UnsafeRawBufferPointer, type: Oid) -> SQLValue? {
        switch type {
        case PostgresType.bool: bool(bytes)
        case PostgresType.bytea: hex(bytes).map(SQLValue.blob)
        case PostgresType.numeric: integer(bytes).map(SQLValue.int) ?? double(bytes)
        // A function without a result.
        case PostgresType.void: .null
        case _ where PostgresType.integers.contains(type): integer(bytes).map(SQLValue.int)
        case _ where PostgresType.floats.contains(type): double(bytes)
        case _ where PostgresType.texts.contains(type): String(validating: bytes, as: UTF8.self).map(SQLValue.text)
        default: nil
        }
    }

    private static func bool(_ bytes: UnsafeRawBufferPointer) -> SQLValue? {
        guard bytes.count == 1 else { return nil }
        return switch bytes[0] {
        case UInt8(ascii: "t"): 1
        case UInt8(ascii: "f"): 0
        default: nil
        }
    }

    private static func integer(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        let negative = bytes.first == UInt8(ascii: "-")
        let digits = negative ? bytes[1...] : bytes[...]
        guard !digits.isEmpty else { return nil }
        var value: Int64 = 0
        for byte in digits {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            // Downwards, because the lowest integer has no positive.
            let (sum, more) = product.subtractingReportingOverflow(Int64(byte - 0x30))
            guard !overflow, !more else { return nil }
            value = sum
        }
        if negative { return value }
        return value == .min ? nil : -value
    }

    private static func double(_ bytes: UnsafeRawBufferPointer) -> SQLValue? {
        Double(String(decoding: bytes, as: UTF8.self)).map(SQLValue.double)
    }

    /// `\x` and lower-case digits, the one form that the server writes.
    private static func hex(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        guard bytes.count >= 2, bytes.count % 2 == 0, bytes[0] == UInt8(ascii: "\\"), bytes[1] == UInt8(ascii: "x") else { return nil }
        func nibble(_ byte: UInt8) -> UInt8? {
            switch byte {
            case 0x30...0x39: byte - 0x30
            case 0x61...0x66: byte - 0x61 + 10
            default: nil
            }
        }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count / 2 - 1)
        for index in stride(from: 2, to: bytes.count, by: 2) {
            guard let high = nibble(bytes[index]), let low = nibble(bytes[index + 1]) else { return nil }
            decoded.append(high << 4 | low)
        }
        return decoded
    }
}
