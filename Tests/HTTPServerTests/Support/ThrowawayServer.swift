// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import Storage

/// A PostgreSQL server for the tests of this process; it goes when the process does, however that ends.
final class ThrowawayServer: Sendable {
    /// The folder of its socket.
    private let folder: String

    /// Nil without a server's programs on this machine.
    static func shared() -> ThrowawayServer? { started }

    private static let started = ThrowawayServer()

    private init?() {
        let script = #filePath.dropLast("/Tests/HTTPServerTests/Support/ThrowawayServer.swift".count) + "/scripts/postgres-throwaway"
        var (input, output): ([Int32], [Int32]) = ([0, 0], [0, 0])
        guard pipe(&input) == 0, pipe(&output) == 0 else { return nil }
        // Close-on-exec: another child that inherited the writing end would keep the server alive.
        for end in input + output { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, input[0], 0)
        posix_spawn_file_actions_adddup2(&actions, output[1], 1)
        var child = pid_t()
        var arguments = [strdup(String(script)), nil]
        let error = posix_spawn(&child, String(script), &actions, nil, &arguments, environ)
        free(arguments[0])
        posix_spawn_file_actions_destroy(&actions)
        close(input[0])
        close(output[1])
        guard error == 0 else { return nil }
        var (line, byte): ([UInt8], UInt8) = ([], 0)
        while read(output[0], &byte, 1) == 1, byte != UInt8(ascii: "\n") { line.append(byte) }
        folder = String(decoding: line, as: UTF8.self)
        if folder.isEmpty { return nil }
    }

    /// A new database with the schema in it.
    func database() async throws -> PostgreSQLDatabase {
        let name = "panel_\(getpid())_\(UInt64.random(in: .min ... .max))"
        try PostgreSQLDatabase.execute("CREATE DATABASE \(name)", url: "postgres://postgres@/postgres?host=\(folder)")
        return try await PostgreSQLDatabase(url: "postgres://postgres@/\(name)?host=\(folder)")
    }
}
