// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import Glibc
import HTTPServer
import Logging
import Sandbox

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Show what protects plugins from each other on this machine.",
        discussion:
            "Starts the sandbox for real and asks a cell what is in force. Exits with 1 when a layer that production needs is missing.")

    @Option(name: .long, help: ArgumentHelp("The SandboxCell executable; found beside panelhost unless said otherwise.", valueName: "path"))
    var cell: String?

    func run() async throws {
        Console.line("panelhost \(Product.version)")
        var system = utsname()
        uname(&system)
        let release = withUnsafeBytes(of: &system.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        Console.line("kernel    Linux \(release)")
        let path = try Composition.cellPath(cell)
        Console.line("cell      \(path)")
        let layers: SandboxLayers
        do {
            let sandbox = try await Sandbox.start(
                SandboxConfiguration(cellExecutable: path, requiredLayers: []),
                logger: Logger(label: "doctor", factory: { _ in SwiftLogNoOpLogHandler() }))
            layers = sandbox.layers
            await sandbox.shutdown()
        } catch {
            throw Failure("the sandbox cannot be started: \(error)")
        }
        Console.line("layers around a plugin:")
        for (layer, name) in SandboxLayers.named {
            let state =
                layers.contains(layer) ? "in force" : SandboxLayers.production.contains(layer) ? "MISSING, required" : "not available here"
            Console.line("  \(name.padded(to: 20)) \(state)")
        }
        let missing = SandboxLayers.production.subtracting(layers)
        guard missing.isEmpty else {
            throw Failure(
                "required layers are missing: \(missing). Use a kernel with seccomp filters, and do not run inside a container that forbids them"
            )
        }
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
