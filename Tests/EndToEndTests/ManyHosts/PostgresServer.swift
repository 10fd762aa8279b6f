// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import Glibc
import Synchronization

/// A PostgreSQL server of a test's own on loopback: stopped, started and killed by process id, and gone with the test process.
final class PostgresServer: Sendable {
    /// The server's programs, nil where they are not installed.
    static let programs: String? = {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return versions.compactMap { Int($0) }.sorted().reversed().map { "\(root)/\($0)/bin" }
            .first { FileManager.default.isExecutableFile(atPath: $0 + "/postgres") }
    }()

    let folder: String
    let port: Int
    private let running: Mutex<ChildProcess?>

    /// The database of the hosts, as its owner.
    var url: String { "postgres://postgres@127.0.0.1:\(port)/postgres" }

    init() async throws {
        var template = Array("/tmp/panelhost-pg-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw ChildProcess.Failed(description: "no temporary folder: errno \(errno)") }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        port = try World.freePort()
        running = Mutex(nil)
        if getuid() == 0 { try await Self.run(["chown", "postgres", folder]) }
        try await Self.run(
            Self.asServer + [
                "\(Self.programs ?? "")/initdb", "-D", folder + "/data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
                "--no-sync",
            ])
        try await start()
    }

    deinit {
        signal(SIGQUIT)
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Starts the server and waits until it accepts connections.
    func start() async throws {
        let server = try ChildProcess(
            Self.asServer + [
                "\(Self.programs ?? "")/postgres", "-D", folder + "/data", "-k", folder, "-p", "\(port)", "-c",
                "listen_addresses=127.0.0.1",
                "-c", "fsync=off", "-c", "max_connections=100",
            ])
        running.withLock { $0 = server }
        _ = try await server.line(containing: "ready to accept connections")
    }

    /// Ends every connection at once, as a crash does, and waits for the server's end.
    func stop(with signal: Int32 = SIGQUIT) async {
        guard let server = running.withLock({ $0 }) else { return }
        self.signal(signal)
        _ = await server.exitCode()
    }

    /// Runs SQL as the owner and gives its output, one row a line.
    @discardableResult
    func sql(_ text: String) async throws -> String {
        try await Self.run([
            "\(Self.programs ?? "")/psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", text,
        ])
    }

    private func signal(_ signal: Int32) {
        running.withLock { $0?.send(signal) }
    }

    /// PostgreSQL refuses to be root.
    private static let asServer =
        getuid() == 0 ? ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups"] : []

    @discardableResult
    private static func run(_ arguments: [String]) async throws -> String {
        let process = try ChildProcess(arguments)
        let code = await process.exitCode()
        _ = try? await process.line(containing: "\u{0}never printed")
        guard code == 0 else { throw ChildProcess.Failed(description: "\(arguments.joined(separator: " ")): \(process.output)") }
        return process.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
