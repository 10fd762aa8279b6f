// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Synchronization

/// The root keys of a running host: a ring, and where it came from.
///
/// A file that was replaced is read again when something names a key that is not known, and before a new key is wrapped:
/// a running host follows a rotation of the root key without a restart.
public final class RootKeys: Sendable {
    private struct State: Sendable {
        var ring: KEKRing
        var stamp: [Int]?
    }

    /// Where the ring came from.
    public let source: KEKSource
    private let state: Mutex<State>

    /// Reads the ring.
    public init(_ source: KEKSource) throws(KEKRingError) {
        self.source = source
        let stamp = source.stamp
        do throws(KEKRingError) {
            state = Mutex(State(ring: try KEKRing(parsing: try source.read()), stamp: stamp))
        } catch {
            if case .environment = source { throw KEKRingError(description: "PANELHOST_KEKS: \(error)") }
            throw error
        }
    }

    /// Makes a file with one new key, unless there is a file.
    public static func createFile(_ path: String) throws(KEKRingError) { try KEKFile.create(path) }

    /// The ring as it was last read.
    public var ring: KEKRing { state.withLock { $0.ring } }

    /// A new entry for a ring, `ID:KEY`.
    public static func newEntry() -> (id: String, entry: Secret) { KEKRing.generateEntry() }

    /// Makes a new root key and puts it in front of the file; the others stay, to read with.
    ///
    /// Answers its id; nil when the ring does not come from a file and somebody else has to do this.
    public func addRoot() throws(KEKRingError) -> String? {
        guard case .file(let path) = source else { return nil }
        let (id, entry) = KEKRing.generateEntry()
        let line = Secret(byteCount: entry.count + 1) { buffer in
            entry.withBytes { buffer.copyMemory(from: $0) }
            buffer[entry.count] = UInt8(ascii: "\n")
        }
        try KEKFile.prepend(line, to: path)
        reload()
        return id
    }

    /// Takes a root key out of the file; whoever calls has made sure that nothing is wrapped by it.
    public func removeRoot(_ id: String) throws(KEKRingError) -> Bool {
        guard case .file(let path) = source else { return false }
        guard ring.ids.count > 1, ring.ids.first != id else {
            throw KEKRingError(description: "the root key \(id) is the one that is written with: it stays")
        }
        try KEKFile.remove(id, from: path)
        reload()
        return true
    }

    /// Reads the file again when it has changed; what cannot be read leaves the ring that is known.
    private func reload() {
        guard let stamp = source.stamp else { return }
        guard state.withLock({ $0.stamp != stamp }) else { return }
        guard let text = try? source.read(), let ring = try? KEKRing(parsing: text) else { return }
        state.withLock { $0 = State(ring: ring, stamp: stamp) }
    }
}

extension RootKeys: KEKProvider {
    /// The root key that new keys are wrapped under.
    public func currentID() -> String {
        reload()
        return ring.currentID()
    }

    /// Wraps a key under one of the root keys.
    public func wrap(_ key: Secret, under id: String, authenticating associated: [UInt8]) throws(KEKError) -> String {
        try ring.wrap(key, under: id, authenticating: associated)
    }

    /// Unwraps a key; only the root key that wrapped it, and the same associated data, can.
    public func unwrap(_ wrapped: String, under id: String, authenticating associated: [UInt8]) throws(KEKError) -> Secret {
        if !ring.ids.contains(id) { reload() }
        return try ring.unwrap(wrapped, under: id, authenticating: associated)
    }
}

extension RootKeys: CustomStringConvertible {
    /// Where they came from, and the ids.
    public var description: String { "RootKeys(\(source): \(ring.ids.joined(separator: ", ")))" }
}
