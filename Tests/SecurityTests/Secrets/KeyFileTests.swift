// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import Glibc
import Security
import Testing

@Suite("Key files")
struct KeyFileTests {
    private let directory: URL

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "panelhost-keyfile-\(CallID.make())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    private func path(_ name: String = "key") -> String { directory.appending(path: name).path }
    private func done() { try? FileManager.default.removeItem(at: directory) }

    private func reason(_ body: () throws -> Void) -> KeyFileError.Reason? {
        let error = #expect(throws: KeyFileError.self) { try body() }
        #expect(error?.description.contains("sesame") == false && error?.description.contains("\n") == false)
        return error?.reason
    }

    @Test("a new file is for its owner alone, whatever the mask says, and is never overwritten")
    func creation() throws {
        defer { done() }
        let mask = umask(0)
        defer { umask(mask) }

        try KeyFile.create(path(), Secret("sesame"))

        var status = stat()
        #expect(stat(path(), &status) == 0 && status.st_mode & 0o777 == 0o600 && status.st_uid == geteuid())
        #expect(reason { try KeyFile.create(path(), Secret("another")) } == .exists)
        #expect(try KeyFile.read(path()) == Secret("sesame"))
        #expect(symlink(path("elsewhere"), path("link")) == 0)
        #expect(reason { try KeyFile.create(path("link"), Secret("sesame")) } == .exists)
        #expect(access(path("elsewhere"), F_OK) != 0)
        #expect(reason { try KeyFile.create(path("no/folder"), Secret("sesame")) } == .failed)
    }

    @Test("what others may read is refused", arguments: [0o600, 0o400, 0o640, 0o604, 0o620, 0o602, 0o610])
    func modes(mode: Int) throws {
        defer { done() }
        try KeyFile.create(path(), Secret("sesame"))
        #expect(chmod(path(), mode_t(mode)) == 0)

        if mode & 0o077 == 0 {
            #expect(try KeyFile.read(path()) == Secret("sesame"))
        } else {
            #expect(reason { _ = try KeyFile.read(path()) } == .unprotected)
        }
    }

    @Test("links, folders, pipes, devices, files that are not there and files of any size are refused, and nothing waits")
    func kinds() throws {
        defer { done() }
        try KeyFile.create(path(), Secret("sesame"))
        #expect(symlink(path(), path("link")) == 0 && mkfifo(path("pipe"), 0o600) == 0)
        try KeyFile.create(path("long"), Secret([UInt8](repeating: 1, count: 65_537)))

        #expect(reason { _ = try KeyFile.read(path("link")) } == .unprotected)
        for other in [directory.path, path("pipe"), "/dev/zero", path("none"), path("long")] {
            #expect(reason { _ = try KeyFile.read(other) } == .failed, "\(other)")
        }
        #expect(try KeyFile.read(path("long"), atMost: 65_537).count == 65_537)
    }

    @Test("another user's file is refused", .enabled(if: geteuid() == 0, "only root can give files away"))
    func owners() throws {
        defer { done() }
        try KeyFile.create(path(), Secret("sesame"))
        #expect(chown(path(), 65_534, 65_534) == 0)
        #expect(reason { _ = try KeyFile.read(path()) } == .unprotected)
    }
}
