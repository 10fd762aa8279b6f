// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Values

/// Decrypts a backup and checks every claim in it before it passes a record on; holds at most two chunks and one record.
///
/// The file is hostile until a chunk has been authenticated, and the header until the first one has.
package final class BackupReader {
    package let header: BackupHeader
    private var input: BackupInput
    private var opener: ChunkCipher.Opener
    private var plain: [UInt8] = []
    private var read = 0
    private var searched = 0
    private var isLast = false
    private let content = RunningHash()
    private let table = RunningHash()

    /// What a whole backup holds.
    package struct Summary: Sendable, Hashable {
        package var header: BackupHeader
        package var contents: BackupContents
        /// Rows by table.
        package var rows: [String: Int64]
        package var digest: String

        package var totalRows: Int64 { rows.values.reduce(0, +) }
    }

    /// Reads the header.
    ///
    /// - Parameter source: answers the next bytes, at most as many as asked for; none at the end.
    package init(key: BackupKey, from source: @escaping (Int) throws -> [UInt8]) throws {
        input = BackupInput(source)
        let bytes = try input.header()
        header = try BackupHeader(parsing: bytes)
        guard header.key == key.id else {
            throw BackupError(
                .wrongKey, "the backup was made with the backup key \(header.key), and the one given is \(key.id): give the other one")
        }
        opener = ChunkCipher.Opener(try key.fileKey(salt: header.salt, header: bytes))
    }

    /// The first record alone.
    package func contents() throws -> BackupContents {
        guard case .contents(let contents)? = try next() else { throw BackupError.damaged("its first record is not its contents") }
        return contents
    }

    /// Passes on every row of every table, and returns when the whole file was read and is whole.
    package func records(_ receive: (BackupRecord) throws -> Void) throws -> Summary {
        let contents = try contents()
        guard Set(contents.tables).count == contents.tables.count else { throw BackupError.damaged("it has a table twice") }
        try receive(.contents(contents))
        var rows: [String: Int64] = [:]
        for name in contents.tables { rows[name] = try oneTable(name, receive) }
        let digest = Hex.encode(content.finish())
        guard let last = try next(), last == .whole(rows: rows.values.reduce(0, +), digest: digest), read == plain.count, isLast else {
            throw BackupError.damaged("its end does not fit what is before")
        }
        return Summary(header: header, contents: contents, rows: rows, digest: digest)
    }

    private func oneTable(_ name: String, _ receive: (BackupRecord) throws -> Void) throws -> Int64 {
        guard let start = try next(), case .table(name, let columns) = start, Set(columns).count == columns.count else {
            throw BackupError.damaged("the table \(name) is not where it should be")
        }
        try receive(start)
        var rows: Int64 = 0
        while let record = try next() {
            switch record {
            case .row(let values) where values.count == columns.count:
                rows += 1
                try receive(record)
            case .end(name, rows, Hex.encode(table.finish())):
                try receive(record)
                return rows
            default: throw BackupError.damaged("the table \(name) is not as it was written")
            }
        }
        throw BackupError.damaged("it ends inside the table \(name)")
    }

    private func next() throws -> BackupRecord? {
        guard let line = try line() else { return nil }
        let record = try BackupRecord(parsing: line[..<(line.count - 1)])
        if case .row = record { table.update(line) }
        if case .whole = record { return record }
        content.update(line)
        return record
    }

    /// The next line with its end; nil at the end of the file.
    private func line() throws -> [UInt8]? {
        while true {
            if let end = plain[searched...].firstIndex(of: 0x0A) {
                defer {
                    read = end + 1
                    searched = read
                }
                return Array(plain[read...end])
            }
            guard !isLast else {
                guard read == plain.count else { throw BackupError.damaged("its last line has no end") }
                return nil
            }
            guard plain.count - read <= BackupRecord.mostBytes else { throw BackupError.damaged("a line of it is too long") }
            plain.removeFirst(read)
            read = 0
            searched = plain.count
            plain += try chunk()
        }
    }

    private func chunk() throws -> [UInt8] {
        let sealed = try input.take(ChunkCipher.sealedByteCount)
        isLast = try input.isAtEnd()
        do {
            return try opener.open(sealed[...], isLast: isLast)
        } catch {
            guard !isLast || !opener.wouldOpen(sealed[...], isLast: false) else { throw truncated() }
            guard !sealed.isEmpty else { throw truncated() }
            if !isLast, opener.wouldOpen(sealed[...], isLast: true) { throw BackupError.damaged("there are bytes behind its end") }
            let place = opener.opened
            // A cut inside of a chunk and a change in the last one look the same.
            throw BackupError.damaged(
                "\(place == 0 ? "its header or its first part" : "part \(place + 1)") was changed\(isLast ? " or cut short" : ", moved or repeated")"
            )
        }
    }

    private func truncated() -> BackupError {
        BackupError(
            .truncated, "the backup ends too early: it was not finished or not copied in full; copy it again, or use an earlier backup")
    }
}

extension BackupFile {
    /// Reads a backup from start to end and checks all of it, without a database.
    package static func verify(
        _ path: String, key: BackupKey, progress: (BackupProgress) -> Void = { _ in }
    ) throws -> BackupReader.Summary {
        try read(path) { source in
            let reader = try BackupReader(key: key, from: source)
            var audit = BackupAuditStream()
            let summary = try reader.records { record in
                try audit.receive(record)
                if case .end(let table, let rows, _) = record { progress(BackupProgress(table: table, rows: rows, isDone: true)) }
            }
            try audit.end()
            return summary
        }
    }
}

/// Bytes of a file, some of them looked at ahead.
struct BackupInput {
    private let source: (Int) throws -> [UInt8]
    private var ahead: [UInt8] = []

    init(_ source: @escaping (Int) throws -> [UInt8]) { self.source = source }

    /// So many bytes, or fewer at the end.
    mutating func take(_ count: Int) throws -> [UInt8] {
        try fill(count)
        let taken = Array(ahead.prefix(count))
        ahead.removeFirst(taken.count)
        return taken
    }

    mutating func isAtEnd() throws -> Bool {
        try fill(1)
        return ahead.isEmpty
    }

    /// Both lines of the header, or what stands in their place.
    mutating func header() throws -> [UInt8] {
        var bytes: [UInt8] = []
        var lines = 0
        while lines < 2, bytes.count < BackupHeader.mostBytes {
            guard let byte = try take(1).first else { break }
            bytes.append(byte)
            if byte == 0x0A { lines += 1 }
        }
        return bytes
    }

    private mutating func fill(_ count: Int) throws {
        while ahead.count < count {
            let more = try source(max(count - ahead.count, 4096))
            if more.isEmpty { return }
            ahead += more
        }
    }
}
