// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import Glibc
import HTTPServer

/// The command line. Everything goes through the same door as HTTP: the `Host` façade.
@main
struct Panelhost: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "panelhost",
        abstract: "Runs payment, second-factor and notification plugins for a billing panel, safely.",
        discussion: """
            Start with 'panelhost demo': it needs no configuration. In production, 'panelhost run' serves the API on loopback behind
            your TLS proxy, with its state in one data directory.

            Exit codes: 0 done, 1 failed (one line on standard error says why and what to do), 64 wrong usage.
            """,
        version: Product.version,
        subcommands: [
            RunCommand.self, DemoCommand.self, TenantCommand.self, UserCommand.self, SessionCommand.self, APIKeyCommand.self,
            PluginCommand.self, SecretsCommand.self, AuthzCommand.self, AuthCommand.self, AccessReviewCommand.self, BootstrapCommand.self,
            AuditCommand.self,
            BackupCommand.self, KeysCommand.self, CryptoCommand.self, MigrateCommand.self, DoctorCommand.self, GymCommand.self,
            ReplayCommand.self, OpenAPICommand.self,
        ])

    nonisolated static func main() async {
        // A reader that goes away ends a pipe, not the program.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let failure as Failure {
            Console.error("panelhost: \(failure.description)")
            Glibc.exit(failure.exitCode)
        } catch {
            // Wrong usage and --help are the parser's to explain; anything else is described by its own safe text.
            if error is ExitCode || error is CleanExit || error is ValidationError
                || String(describing: type(of: error)).contains("CommandError")
            {
                exit(withError: error)
            }
            let failure = Failure.explaining(error)
            Console.error("panelhost: \(failure.description)")
            Glibc.exit(failure.exitCode)
        }
    }
}

/// A failure in one line: what happened, and what to do next.
struct Failure: Error, CustomStringConvertible {
    let description: String
    /// 1 unless a command documents another one.
    let exitCode: Int32

    init(_ description: String, exitCode: Int32 = 1) {
        self.description = description
        self.exitCode = exitCode
    }
}

/// Standard output and standard error, without buffering surprises in pipes.
enum Console {
    static func line(_ text: String = "") {
        write(text + "\n", to: STDOUT_FILENO)
    }

    /// The text of a stranger, who could give orders to the terminal.
    static func plain(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: "\\u{\(String(scalar.value, radix: 16))}"
            default: String(scalar)
            }
        }.joined()
    }

    /// Text that is complete as it is.
    static func write(_ text: String) { write(text, to: STDOUT_FILENO) }

    /// Bytes that are complete as they are.
    static func write(_ bytes: [UInt8]) { write(bytes[...], to: STDOUT_FILENO) }

    static func error(_ text: String) {
        write(text + "\n", to: STDERR_FILENO)
    }

    private static func write(_ text: String, to descriptor: Int32) {
        write(Array(text.utf8)[...], to: descriptor)
    }

    private static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) {
        var bytes = bytes
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { return }
            bytes = bytes.dropFirst(written)
        }
    }
}
