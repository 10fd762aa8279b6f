// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import Glibc
import Security
import Synchronization
import Testing
import Values

@Suite("Root keys")
struct RootKeysTests {
    private let directory: URL

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "panelhost-keys-\(CallID.make())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    private func file(_ text: String, mode: mode_t = 0o600, name: String = "keys") throws -> String {
        let path = directory.appending(path: name).path
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        #expect(chmod(path, mode) == 0)
        return path
    }

    private func done() { try? FileManager.default.removeItem(at: directory) }

    @Test("a file of mode 0400 or 0600 is read, and one that others may read is not", arguments: [0o600, 0o400, 0o640, 0o604, 0o660])
    func modes(mode: Int) throws {
        defer { done() }
        let path = try file("k1:\(Fixture.key(1))", mode: mode_t(mode))
        if mode & 0o077 == 0 {
            #expect(try RootKeys(.file(path)).ring.ids == ["k1"])
        } else {
            let error = #expect(throws: KEKRingError.self) { try RootKeys(.file(path)) }
            #expect(error?.description.contains("chmod 600") == true)
        }
    }

    @Test("what is no plain file, or no ring, is refused in one line without a key")
    func refusals() throws {
        defer { done() }
        let path = try file("k1:\(Fixture.key(1))")
        let link = directory.appending(path: "link").path
        #expect(symlink(path, link) == 0)
        for (source, expected) in [
            (directory.path, "is not a file"), (link, "is a link"), (path + "x", "cannot read"),
            (try file("k1:\(Fixture.key(1))00", name: "long"), "33 bytes"), (try file("", name: "empty"), "no root key"),
            (try file(String(repeating: "# x\n", count: 20_000), name: "huge"), "65536"),
        ] {
            let error = #expect(throws: KEKRingError.self) { try RootKeys(.file(source)) }
            #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
            #expect(error?.description.contains(Fixture.key(1)) == false && error?.description.contains("\n") == false)
        }
    }

    @Test("the environment is read once and overwritten; then a systemd credential counts, then the file")
    func sources() throws {
        defer { done() }
        let path = try file("k1:\(Fixture.key(1))")
        #expect(KEKSource.find(file: path) == .file(path))

        _ = try file("k2:\(Fixture.key(2))", mode: 0o440, name: "panelhost-keks")
        setenv("CREDENTIALS_DIRECTORY", directory.path, 1)
        defer { unsetenv("CREDENTIALS_DIRECTORY") }
        let credential = KEKSource.find(file: path)
        #expect(try RootKeys(credential).ring.ids == ["k2"])

        setenv("PANELHOST_KEKS", "k3:\(Fixture.key(3))", 1)
        let value = try #require(getenv("PANELHOST_KEKS"))
        let keys = try RootKeys(KEKSource.find(file: path))
        #expect(keys.source == .environment && keys.ring.ids == ["k3"])
        #expect(getenv("PANELHOST_KEKS") == nil && strlen(value) == 0, "nothing is left for /proc or for children")
        #expect(try keys.addRoot() == nil && RootKeys(credential).addRoot() == nil, "not this program's to change")
    }

    @Test("a new root key goes in front; the file keeps its mode, the old keys and its comments")
    func addition() throws {
        defer { done() }
        let path = try file("# ours\nk1:\(Fixture.key(1)) # first\n", mode: 0o400)
        let keys = try RootKeys(.file(path))
        try "left over".write(toFile: path + ".new", atomically: false, encoding: .utf8)

        let id = try #require(try keys.addRoot())

        #expect(keys.ring.ids == [id, "k1"])
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.hasPrefix("\(id):") && text.hasSuffix("# ours\nk1:\(Fixture.key(1)) # first\n"))
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o400)
        #expect(!FileManager.default.fileExists(atPath: path + ".new"))
        #expect(throws: KEKRingError.self) { try keys.removeRoot(id) }
        #expect(try keys.removeRoot("k1"))
        #expect(try RootKeys(.file(path)).ring.ids == [id])
    }

    @Test("many rotations at once lose none")
    func race() async throws {
        defer { done() }
        let path = try file("k1:\(Fixture.key(1))\n")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<16 { group.addTask { _ = try RootKeys(.file(path)).addRoot() } }
            try await group.waitForAll()
        }
        #expect(try RootKeys(.file(path)).ring.ids.count == 17)
    }

    @Test("a running host follows a new root key in the file, and keeps what it knows when the file is broken")
    func following() async throws {
        defer { done() }
        let path = try file("k1:\(Fixture.key(1))")
        let store = MemoryKeyStore()
        let (here, there) = (try RootKeys(.file(path)), try RootKeys(.file(path)))
        // swift-format-ignore: NeverForceUnwrap
        let place = SealedLocation(tenant: Fixture.acme, plugin: PluginID("stripe")!, field: "plugin_config.a", record: "r")
        let running = try EncryptionService(ring: there, store: store)
        _ = try await running.seal([1], as: place)

        let id = try #require(try here.addRoot())
        let other = SealedLocation(tenant: Fixture.globex, plugin: place.plugin, field: place.field, record: "r")
        let sealed = try await EncryptionService(ring: here, store: store).seal([2], as: other)

        #expect(try await running.open(sealed, at: other).revealedBytes() == [2])
        try "broken".write(toFile: path, atomically: false, encoding: .utf8)
        #expect(there.currentID() == id)
        let third = SealedLocation(tenant: Fixture.platform, plugin: place.plugin, field: place.field, record: "r")
        _ = try await running.seal([3], as: third)
        #expect(
            store.state.withLock { $0.keys.values.filter { $0.slot.kind == .tenant }.map(\.wrappedBy).sorted() } == ["k1", id, id].sorted())
    }
}
