// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import Glibc
import HTTPServer
import Logging
import Sandbox

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Show what protects plugins and tenants from each other here.",
        subcommands: [DoctorSandboxCommand.self, DoctorDatabaseCommand.self], defaultSubcommand: DoctorSandboxCommand.self)
}

struct DoctorSandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox", abstract: "Show what protects plugins from each other on this machine.",
        discussion:
            "Starts the sandbox for real and asks a cell what is in force. Exits with 1 when a layer that production needs is missing.")

    @OptionGroup var cells: CellOptions

    func run() async throws {
        Console.line("panelhost \(Product.version)")
        var system = utsname()
        uname(&system)
        let release = withUnsafeBytes(of: &system.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        Console.line("kernel    Linux \(release)")
        let path = try cells.path()
        Console.line("cell      \(path)")
        let (layers, lua): (SandboxLayers, String)
        do {
            let sandbox = try await Sandbox.start(
                SandboxConfiguration(cellExecutable: path, requiredLayers: []),
                logger: Logger(label: "doctor", factory: { _ in SwiftLogNoOpLogHandler() }))
            (layers, lua) = (sandbox.layers, sandbox.lua)
            await sandbox.shutdown()
        } catch {
            throw Failure("the sandbox cannot be started: \(error)")
        }
        Console.line("liblua    \(lua)")
        Console.line("layers around a plugin:")
        for (layer, name) in SandboxLayers.named {
            let state =
                layers.contains(layer) ? "in force" : SandboxLayers.production.contains(layer) ? "MISSING, required" : "not available here"
            Console.line("  \(name.padded(to: 20)) \(state)")
        }
        let others = SandboxLayers(SandboxLayers.named.map(\.layer)).subtracting(layers).subtracting(.production)
        if !others.isEmpty { Console.line("production runs without \(others): the layers in force hold without them") }
        let missing = SandboxLayers.production.subtracting(layers)
        guard missing.isEmpty else {
            throw Failure(
                "'panelhost run' would refuse to start: without \(missing) a plugin that breaks out of Lua reaches the kernel. "
                    + "Use a kernel with seccomp filters, and do not run inside a container that forbids them")
        }
        Console.line("'panelhost run' would start here")
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
