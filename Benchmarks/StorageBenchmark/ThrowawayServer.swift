// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc

/// `scripts/postgres-throwaway` as a child, which ends when the pipe to it does: also when this process is killed.
final class ThrowawayServer {
    /// The folder of its socket.
    let folder: String
    /// For our own files.
    let scratch: String
    private let child: pid_t
    private let input: Int32

    /// Nil where no server is installed.
    init?() throws {
        var source = #filePath.split(separator: "/")
        source.removeLast(3)
        let script = "/" + source.joined(separator: "/") + "/scripts/postgres-throwaway"
        var template = Array("/tmp/panelhost-bench.XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw Failed("no folder in /tmp") }
        scratch = String(cString: made)
        var input: [Int32] = [0, 0]
        var output: [Int32] = [0, 0]
        guard pipe(&input) == 0, pipe(&output) == 0 else { throw Failed("no pipe") }
        for end in input + output { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, input[0], 0)
        posix_spawn_file_actions_adddup2(&actions, output[1], 1)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // As it runs where it matters: every commit is on the disk.
        let settings = ["fsync=on", "full_page_writes=on", "synchronous_commit=on", "shared_buffers=256MB", "max_wal_size=4GB"]
        var arguments = ([script] + settings).map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var child = pid_t()
        guard posix_spawn(&child, script, &actions, nil, &arguments, environ) == 0 else { throw Failed("\(script) cannot be started") }
        close(input[0])
        close(output[1])
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while read(output[0], &byte, 1) == 1, byte != UInt8(ascii: "\n") { line.append(byte) }
        close(output[0])
        (self.child, self.input, folder) = (child, input[1], String(decoding: line, as: UTF8.self))
        guard !line.isEmpty else {
            stop()
            return nil
        }
    }

    func url(_ database: String, as role: String) -> String { "postgres://\(role)@/\(database)?host=\(folder)" }

    func stop() {
        close(input)
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        for name in [
            "panelhost.sqlite", "panelhost.sqlite-wal", "panelhost.sqlite-shm", "statements.sql", "script.sql", "a.backup",
            "restored.sqlite",
        ] {
            unlink("\(scratch)/\(name)")
        }
        rmdir(scratch)
    }
}
