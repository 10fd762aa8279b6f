// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import CPostgres

/// The parameters of one statement in PostgreSQL's binary form, with their types.
///
/// Types are declared rather than inferred, so that an integer stays one in `SELECT $1`.
struct PostgresParameters {
    /// Object ids of types; 0 leaves NULL to the server.
    let types: [Oid]
    private var bytes: [UInt8] = []
    private var places: [(offset: Int, length: Int)?] = []

    init(_ values: [SQLValue]) throws {
        types = values.map(Self.type)
        places.reserveCapacity(values.count)
        for value in values {
            let start = bytes.count
            switch value {
            case .null:
                places.append(nil)
                continue
            case .int(let int): append(UInt64(bitPattern: int))
            case .double(let double): append(double.bitPattern)
            case .blob(let blob): bytes.append(contentsOf: blob)
            case .text(let text):
                bytes.append(contentsOf: text.utf8)
                guard !bytes[start...].contains(0) else {
                    throw StorageError(.constraint, "a text with a zero byte cannot be stored")
                }
            }
            places.append((start, bytes.count - start))
        }
    }

    private static func type(_ value: SQLValue) -> Oid {
        switch value {
        case .null: 0
        case .int: PostgresType.int8
        case .double: PostgresType.float8
        case .text: PostgresType.text
        case .blob: PostgresType.bytea
        }
    }

    private mutating func append(_ word: UInt64) {
        withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// The arrays that libpq asks for, valid within `body` only.
    func withPointers<T>(
        _ body: (_ values: [UnsafePointer<CChar>?], _ lengths: [Int32], _ formats: [Int32]) -> T
    ) -> T {
        // One more byte, so that an empty text has an address too: without one it would be NULL.
        (bytes + [0]).withUnsafeBytes { buffer in
            let start = buffer.baseAddress
            let values = places.map { place in place.flatMap { start?.advanced(by: $0.offset).assumingMemoryBound(to: CChar.self) } }
            return body(values, places.map { Int32($0?.length ?? 0) }, [Int32](repeating: 1, count: places.count))
        }
    }
}

/// The object ids of the types that columns may have; they are fixed in PostgreSQL.
enum PostgresType {
    static let bool: Oid = 16
    static let bytea: Oid = 17
    static let int8: Oid = 20
    static let text: Oid = 25
    static let float8: Oid = 701
    static let numeric: Oid = 1700
    static let void: Oid = 2278

    /// int2, int4, oid beside int8.
    static let integers: Set<Oid> = [int8, 21, 23, 26]
    static let floats: Set<Oid> = [float8, 700]
    /// What is text already, or is only ever shown: char, name, json, unknown, bpchar, varchar, dates, uuid, jsonb, log positions.
    static let texts: Set<Oid> = [text, 18, 19, 114, 705, 1042, 1043, 1082, 1114, 1184, 2950, 3802, 3220, 2205]
}
