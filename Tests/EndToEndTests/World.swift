// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import Testing
import Values

/// A running host, with everything around it that a test needs: started here, ended by process id.
final class World: Sendable {
    /// Where the executables of this build are.
    static let binaries: String = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let arguments = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? own
        for start in [arguments, own] {
            var folder = (start as NSString).deletingLastPathComponent
            while folder.count > 1 {
                if FileManager.default.isExecutableFile(atPath: folder + "/panelhost") { return folder }
                folder = (folder as NSString).deletingLastPathComponent
            }
        }
        return ""
    }()

    static let panelhost = binaries + "/panelhost"

    /// The folder of the project.
    static let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .path

    /// The Python that has the peers of the tests; nil where `make test` has not prepared it.
    static let python: String? = {
        let candidate = ProcessInfo.processInfo.environment["PANELHOST_TEST_PYTHON"] ?? project + "/.venv/bin/python"
        return FileManager.default.isExecutableFile(atPath: candidate) ? candidate : nil
    }()

    /// Whether the client's runtime is here.
    static let hasNode = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        .contains { FileManager.default.isExecutableFile(atPath: $0 + "/node") }

    let folder: String
    let data: String

    init() throws {
        folder = NSTemporaryDirectory() + "panelhost-\(UUID().uuidString)"
        data = folder + "/data"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        Leftovers.note(folder: folder)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Runs a command of the product to its end.
    func run(_ arguments: String..., input: String? = nil, environment: [String: String] = [:]) async throws -> (
        code: Int32, output: String
    ) {
        let process = try ChildProcess([Self.panelhost] + arguments, environment: environment, input: input)
        let code = await process.exitCode()
        _ = try? await process.line(containing: "\u{0}never printed")
        return (code, process.output)
    }

    /// Runs a command that must succeed, and gives what it printed.
    @discardableResult
    func must(_ arguments: String..., input: String? = nil) async throws -> String {
        let process = try ChildProcess([Self.panelhost] + arguments, input: input)
        let code = await process.exitCode()
        _ = try? await process.line(containing: "\u{0}never printed")
        guard code == 0 else {
            throw ChildProcess.Failed(description: "panelhost \(arguments.joined(separator: " ")) ended with \(code): \(process.output)")
        }
        return process.output
    }

    /// Starts the host on a free port and waits until it listens.
    func host(_ options: String...) async throws -> (process: ChildProcess, api: API) {
        let process = try ChildProcess([Self.panelhost, "run", "--data", data, "--listen", "127.0.0.1:0", "--development"] + options)
        let line = try await process.line(containing: "listening on ")
        guard let url = line.split(separator: " ").first(where: { $0.hasPrefix("http://") }) else {
            throw ChildProcess.Failed(description: "no address in '\(line)'")
        }
        return (process, API(base: String(url)))
    }

    /// Starts an independent implementation of Stripe's API.
    static func localstripe() async throws -> (process: ChildProcess, base: String) {
        guard let python else { throw ChildProcess.Failed(description: "no Python with localstripe: run 'make test'") }
        let port = try freePort()
        let process = try ChildProcess(
            [python, "-u", "-m", "localstripe", "--port", "\(port)", "--from-scratch"], environment: ["PYTHONUNBUFFERED": "1"])
        _ = try await process.line(containing: "Running on")
        return (process, "http://127.0.0.1:\(port)")
    }

    /// A port that was free a moment ago.
    static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard bound else { throw ChildProcess.Failed(description: "no free port: errno \(errno)") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
