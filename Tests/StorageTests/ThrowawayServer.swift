// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import FoundationEssentials
import Glibc
import Storage

/// `scripts/postgres-throwaway` as a child, which ends when the pipe to it does.
final class ThrowawayServer: Sendable {
    /// The folder of the server's socket.
    let folder: String
    private let input: Int32
    private let output: Int32
    private let child: pid_t

    /// Nil when no server is installed.
    init?(_ settings: [String] = []) throws {
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "scripts/postgres-throwaway").path
        var input: [Int32] = [0, 0]
        var output: [Int32] = [0, 0]
        // Close-on-exec: another child that inherited the writing end would keep the server alive.
        guard pipe(&input) == 0, pipe(&output) == 0 else { throw StorageError(.failed, "no pipe") }
        for end in input + output { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, input[0], 0)
        posix_spawn_file_actions_adddup2(&actions, output[1], 1)
        var arguments = ([script] + settings).map { strdup($0) } + [nil]
        var child = pid_t()
        let error = posix_spawn(&child, script, &actions, nil, &arguments, environ)
        for argument in arguments { free(argument) }
        posix_spawn_file_actions_destroy(&actions)
        close(input[0])
        close(output[1])
        guard error == 0 else { throw StorageError(.failed, "\(script) cannot be started: \(String(cString: strerror(error)))") }
        (self.input, self.output, self.child) = (input[1], output[0], child)
        folder = Self.readLine(output[0])
        if !folder.isEmpty { return }
        var status: Int32 = 0
        waitpid(child, &status, 0)
        guard (status >> 8) & 0xFF == 77 else { throw StorageError(.failed, "\(script) ended with status \(status)") }
        return nil
    }

    deinit {
        close(input)
        close(output)
        var status: Int32 = 0
        waitpid(child, &status, 0)
    }

    enum Order: String { case stop, crash, start }

    /// Returns when it was carried out.
    func obey(_ order: Order) {
        let bytes = Array("\(order.rawValue)\n".utf8)
        _ = write(input, bytes, bytes.count)
        _ = Self.readLine(output)
    }

    private static func readLine(_ descriptor: Int32) -> String {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while read(descriptor, &byte, 1) == 1, byte != UInt8(ascii: "\n") { line.append(byte) }
        return String(decoding: line, as: UTF8.self)
    }
}
