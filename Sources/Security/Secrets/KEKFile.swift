// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Changes the file of root keys: whole or not at all, whenever the process ends.
enum KEKFile {
    /// Makes the file with one new key; another process that was first keeps its own.
    static func create(_ path: String) throws(KEKRingError) {
        do throws(KeyFileError) {
            try KeyFile.create(path, KEKRing.generate())
        } catch {
            guard error.reason != .exists else { return }
            throw KEKRingError(description: error.description)
        }
    }

    /// Puts an entry in front of those that are there.
    ///
    /// Two processes that do this at once take turns.
    static func prepend(_ entry: Secret, to path: String) throws(KEKRingError) {
        try change(path) { old in
            Secret(byteCount: entry.count + old.count) { buffer in
                entry.withBytes { buffer.copyMemory(from: $0) }
                old.withBytes { UnsafeMutableRawBufferPointer(rebasing: buffer[entry.count...]).copyMemory(from: $0) }
            }
        }
    }

    /// Takes the line of one key out.
    static func remove(_ id: String, from path: String) throws(KEKRingError) {
        try change(path) { old throws(KeyFileError) in
            let text = old.withBytes { bytes in
                let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                let kept = lines.filter { line in !line.drop { $0 == UInt8(ascii: " ") }.starts(with: "\(id):".utf8) }
                return Secret(Array(kept.joined(separator: [UInt8(ascii: "\n")])))
            }
            guard let ring = try? KEKRing(parsing: text), !ring.ids.contains(id) else {
                throw KeyFileError("the root key \(id) does not stand alone on a line of \(path): take it out by hand")
            }
            return text
        }
    }

    private static func change(_ path: String, _ edit: (Secret) throws(KeyFileError) -> Secret) throws(KEKRingError) {
        do throws(KeyFileError) {
            try KeyFile.exclusively(path) { () throws(KeyFileError) in
                let old = try KeyFile.read(path, atMost: KEKRing.maximumByteCount)
                try KeyFile.replace(path, with: try edit(old))
            }
        } catch {
            throw KEKRingError(description: error.description)
        }
    }
}
