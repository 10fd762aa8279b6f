// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import FoundationEssentials
import Glibc
import Host
import Logging
import PluginAPI
import Sandbox
import Security
import Storage
import Values

struct PluginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugin", abstract: "Check, pack, sign, install and stop plugins.",
        subcommands: [
            Check.self, Pack.self, Keygen.self, Install.self, List.self, Kill.self, Revive.self, Release.self, Docs.self,
        ])

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Find everything that is wrong with a plugin, at once.",
            discussion: "Reads plugin.json, and loads the program in a real cell. Exits with 1 when there is a problem.")

        @Argument(help: "The plugin's folder.")
        var folder: String

        @OptionGroup var cells: CellOptions

        func run() async throws {
            let sandbox = try await Sandbox.start(
                SandboxConfiguration(cellExecutable: try cells.path()),
                logger: .init(label: "check", factory: { _ in SwiftLogNoOpLogHandler() }))
            let files: PluginFolder
            do {
                files = try PluginFolder(at: folder)
            } catch {
                await sandbox.shutdown()
                throw Failure("\(folder): \(error)")
            }
            let check = await PluginCheck(files, sandbox: sandbox)
            await sandbox.shutdown()
            for problem in check.problems { Console.line("\(problem)") }
            for hint in check.hints { Console.line("hint: \(hint)") }
            guard check.problems.isEmpty else { throw Failure("\(check.problems.count) problem(s) in \(folder)") }
            Console.line("\(folder): no problems found")
        }
    }

    struct Pack: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make the archive that is installed.")

        @Argument(help: "The plugin's folder.")
        var folder: String

        @Option(name: .long, help: "The publisher's key; without one the archive is unsigned and only development mode takes it.")
        var key: String?

        @Option(name: .long, help: "The archive to write.")
        var out: String

        func run() throws {
            let bytes: [UInt8]
            do {
                bytes = try PluginArchive.pack(try PluginFolder(at: folder), signedBy: try key.map { try PublisherKey.load($0) })
            } catch let failure as Failure {
                throw failure
            } catch {
                throw Failure("\(folder): \(error)")
            }
            let descriptor = open(out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else { throw Failure("cannot write \(out): \(String(cString: strerror(errno)))") }
            defer { close(descriptor) }
            guard write(descriptor, bytes, bytes.count) == bytes.count else {
                throw Failure("cannot write \(out): \(String(cString: strerror(errno)))")
            }
            Console.line("\(out): \(bytes.count) bytes, \(key == nil ? "unsigned" : "signed")")
        }
    }

    struct Keygen: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a publisher's key. Keep it: later versions must carry the same signature.")

        @Option(name: .long, help: "The file to write, readable by you alone.")
        var out: String

        func run() throws {
            try PublisherKey.create(out)
            Console.line("\(out) created (mode 0600)")
        }
    }

    struct Install: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Install an archive for the whole host. No tenant has it until it is enabled there.")

        @Argument(help: "The archive, made by 'panelhost plugin pack'.")
        var archive: String

        @Flag(name: .long, help: "Accept an archive without a signature.")
        var allowUnsigned = false

        @OptionGroup var options: DataOptions

        func run() async throws {
            let bytes: [UInt8]
            do { bytes = try PluginFolder.read(archive) } catch { throw Failure("\(error)") }
            let composition = try await Composition.start(
                location: options.location, settings: HostSettings(allowsUnsigned: allowUnsigned), isDevelopment: false)
            let platform = try await composition.installation.tenant("platform")
            let result: Result<InstalledPlugin, any Error>
            do {
                result = .success(
                    try await composition.host.plugins.install(
                        bytes, as: composition.installation.authority, trail: platform.id,
                        .commandLine))
            } catch {
                result = .failure(error)
            }
            await composition.host.shutdown()
            let plugin = try result.get()
            Console.line("\(plugin.id) \(plugin.version) installed (\(plugin.isSigned ? "signed" : "UNSIGNED"), sha256 \(plugin.hash))")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List what is installed, and what may not run.")

        @OptionGroup var options: DataOptions

        func run() async throws {
            let installation = try await Installation(at: options.location, creating: false)
            let (all, stops) = try await installation.database.platformRead(installation.authority.platform("list plugins")) { tx in
                (try PluginCatalogue(tx).all(), try PluginStopRegistry(tx).all())
            }
            let slugs = Dictionary(uniqueKeysWithValues: try await installation.tenants().map { ($0.id, $0.slug.description) })
            for plugin in all {
                Console.line("\(plugin.id)\t\(plugin.version)\t\(plugin.kind)\t\(plugin.isSigned ? "signed" : "unsigned")\t\(plugin.hash)")
                for stop in stops where stop.program == plugin.hash { Console.line("  \(Self.line(stop, slugs))") }
            }
            // A kill outlives what it stopped.
            for stop in stops where stop.kind != .tenant && !all.contains(where: { $0.hash == stop.program }) {
                Console.line("not installed\t\(stop.program)\n  \(Self.line(stop, slugs))")
            }
        }

        private static func line(_ stop: PluginStop, _ slugs: [TenantID: String]) -> String {
            let holder = stop.tenant.map { " for \(slugs[$0] ?? $0.description)" } ?? ""
            let seconds = Date(timeIntervalSince1970: Double(stop.since) / 1000)
            return "\(stop.kind.rawValue.uppercased())\(holder) since \(seconds.formatted(.iso8601)): \(stop.reason)"
        }
    }

    struct Docs: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the reference for plugin authors, or the stub for the Lua language server.")

        @Flag(name: .long, help: "The stub (panelhost.lua) instead of the Markdown.")
        var stub = false

        func run() {
            Console.line(stub ? Reference.luaStub() : Reference.markdown())
        }
    }
}
