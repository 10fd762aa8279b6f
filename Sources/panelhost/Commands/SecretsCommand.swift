// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import Glibc
import Host
import PluginAPI

struct SecretsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secrets", abstract: "Find credentials that lie where they must not.", subcommands: [Scan.self])

    struct Scan: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Look for credentials in plugins, before they are published or installed.",
            discussion: """
                Names each place, and never what stands there. Exits with 1 when something is certainly a credential, such as a Stripe key
                or a private key; what is only called one is shown as a hint. 'panelhost plugin check' looks for the same.

                  panelhost secrets scan acme-chat
                  panelhost secrets scan acme-chat-1.2.0.tar other-plugin
                """)

        @Argument(help: "Folders of plugins, or archives made by 'panelhost plugin pack'.")
        var plugins: [String]

        func run() throws {
            var count = 0
            for plugin in plugins {
                let found: HardCodedSecrets
                do { found = HardCodedSecrets(in: try Self.files(plugin)) } catch { throw Failure("\(plugin): \(error)") }
                for problem in found.certain { Console.line("\(plugin)/\(problem)") }
                for hint in found.probable { Console.line("hint: \(plugin)/\(hint)") }
                count += found.certain.count
            }
            guard count == 0 else { throw Failure("\(count) credential(s) in \(plugins.joined(separator: ", "))") }
            Console.line("no credentials of a known form found")
        }

        private static func files(_ path: String) throws -> [UstarArchive.Member] {
            var status = stat()
            guard stat(path, &status) == 0 else { throw ArchiveError("cannot be read: \(String(cString: strerror(errno)))") }
            if status.st_mode & S_IFMT == S_IFDIR { return try PluginFolder(at: path).files }
            return try UstarArchive(PluginFolder.read(path)).members
        }
    }
}
