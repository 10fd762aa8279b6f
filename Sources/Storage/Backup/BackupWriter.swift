// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Values

/// Encrypts records as they come; holds at most one chunk and one record.
package final class BackupWriter {
    private let sink: ([UInt8]) throws -> Void
    private var sealer: ChunkCipher.Sealer
    private var pending: [UInt8] = []
    private let content = RunningHash()
    private let table = RunningHash()
    private var tableRows: Int64 = 0
    private var rows: Int64 = 0
    package private(set) var bytes: Int64 = 0

    /// Writes the header.
    package init(_ header: BackupHeader, key: BackupKey, to sink: @escaping ([UInt8]) throws -> Void) throws {
        self.sink = sink
        sealer = ChunkCipher.Sealer(try key.fileKey(salt: header.salt, header: header.bytes))
        try emit(header.bytes)
    }

    package func begin(_ contents: BackupContents) throws { try append(BackupRecord.contents(contents).line) }

    package func begin(table name: String, columns: [String]) throws {
        tableRows = 0
        try append(BackupRecord.table(name, columns: columns).line)
    }

    package func row(_ values: [SQLValue]) throws {
        let line = BackupRecord.row(values).line
        guard line.count <= BackupRecord.mostBytes else {
            throw BackupError(.incompatible, "a row has \(line.count) bytes, more than a backup can hold (\(BackupRecord.mostBytes))")
        }
        table.update(line)
        tableRows += 1
        rows += 1
        try append(line)
    }

    package func end(table name: String) throws {
        try append(BackupRecord.end(name, rows: tableRows, digest: Hex.encode(table.finish())).line)
    }

    /// Writes the last record and the last chunk; answers the rows and the digest of the content.
    package func finish() throws -> (rows: Int64, digest: String) {
        let digest = Hex.encode(content.finish())
        pending += BackupRecord.whole(rows: rows, digest: digest).line
        try flush()
        try emit(sealer.seal(pending[...], isLast: true))
        pending = []
        return (rows, digest)
    }

    private func append(_ line: [UInt8]) throws {
        content.update(line)
        pending += line
        try flush()
    }

    /// Keeps at least one byte back, so that the last chunk is never empty.
    private func flush() throws {
        var start = 0
        while pending.count - start > ChunkCipher.chunkByteCount {
            try emit(sealer.seal(pending[start..<start + ChunkCipher.chunkByteCount], isLast: false))
            start += ChunkCipher.chunkByteCount
        }
        if start > 0 { pending.removeFirst(start) }
    }

    private func emit(_ block: [UInt8]) throws {
        try sink(block)
        bytes += Int64(block.count)
    }
}
