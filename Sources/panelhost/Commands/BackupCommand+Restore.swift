// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import Glibc
import Security
import Storage

extension BackupCommand {
    struct Restore: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put a backup into a new place.",
            discussion: """
                Stop every host of the installation first. The place must be fresh: a directory without a database, or a PostgreSQL database without
                rows of ours, reached as the owner or a superuser. A backup of one engine may be restored into the other. Every row is read back and
                compared, and the audit log is recomputed, before anything counts as restored: when it fails, nothing is there.
                """)

        @Argument(help: ArgumentHelp("The backup.", valueName: "file"))
        var file: String

        @OptionGroup var keyOptions: KeyOptions
        @OptionGroup var options: DataOptions

        func run() async throws {
            let key = try keyOptions.load()
            let place: BackupPlace
            let directory = options.location.directory
            if let url = options.location.databaseURL {
                place = .postgresql(url: url)
            } else {
                guard mkdir(directory, 0o700) == 0 || errno == EEXIST else {
                    throw Failure("cannot create \(directory): \(String(cString: strerror(errno)))")
                }
                place = .file(options.location.databaseFile)
            }
            let scope = SystemAuthority().platform("restore a backup")
            let summary = try await place.restore(file, key: key, scope: scope, progress: ProgressLines("restored").show)
            Console.line("restored \(summary.totalRows) rows of \(summary.rows.count) tables, each read back and equal")
            for line in summary.contents.auditLines { Console.line("audit: \(line), recomputed and equal") }
            let roots = try await place.rootKeys(scope)
            if !roots.isEmpty {
                let needed = roots.joined(separator: ", ")
                Console.line(
                    "before the first start put the root keys back (\(directory)/keys, or PANELHOST_KEKS): the restored keys are wrapped by \(needed)"
                )
            }
        }
    }

    struct Drill: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Rehearse a restore: into a new place, with every check, and away again.",
            discussion: """
                Restores into a new SQLite file, or with --into into an empty PostgreSQL database; recomputes the audit log there; compares it with the
                checkpoint in the backup and with the running installation, whose log must continue it; removes what it made. Run it from a timer.
                """)

        @Argument(help: ArgumentHelp("The backup.", valueName: "file"))
        var file: String

        @Option(name: .long, help: ArgumentHelp("An empty PostgreSQL database to restore into, as owner or superuser.", valueName: "url"))
        var into: String?

        @Option(
            name: .long,
            help: ArgumentHelp("Where to make the temporary directory; it needs room for the database.", valueName: "directory"))
        var scratch = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"

        @Flag(name: .long, help: "Do not compare with the running installation.")
        var withoutSource = false

        @OptionGroup var keyOptions: KeyOptions
        @OptionGroup var options: DataOptions

        func run() async throws {
            let key = try keyOptions.load()
            let source = try withoutSource ? nil : options.backupPlace()
            let scope = SystemAuthority().platform("rehearse a restore")
            let start = ContinuousClock.now
            let place: BackupPlace
            var folder: String?
            if let into {
                place = .postgresql(url: into)
            } else {
                var template = Array("\(scratch)/panelhost-drill.XXXXXX".utf8CString)
                guard let made = mkdtemp(&template) else {
                    throw Failure(
                        "cannot make a directory in \(scratch): \(String(cString: strerror(errno))); name another one with --scratch")
                }
                folder = String(cString: made)
                place = .file("\(String(cString: made))/panelhost.sqlite")
            }
            defer { if let folder { rmdir(folder) } }
            let summary = try await place.restore(file, key: key, scope: scope, progress: ProgressLines("restored").show)
            let restored = ContinuousClock.now - start
            let result: Result<[String], any Error>
            do {
                result = .success(try await compare(summary, place: place, source: source, scope: scope))
            } catch {
                result = .failure(error)
            }
            try place.discard()
            let faults = try result.get()
            Console.line("backup      whole, \(summary.totalRows) rows of \(summary.rows.count) tables")
            Console.line("restore     every table read back and equal, in \(restored.components.seconds) s")
            for line in summary.contents.auditLines { Console.line("audit       \(line), recomputed in the restored database and equal") }
            guard faults.isEmpty else {
                for fault in faults { Console.error("audit       \(fault)") }
                throw Failure("the drill failed: the backup and the running installation are not of one history", exitCode: 2)
            }
            Console.line(source == nil ? "source      not compared" : "source      its audit log continues the one in the backup")
            Console.line("cleaned up  nothing of the drill is left")
            Console.line("the drill passed")
        }

        /// What is wrong between the backup, the restored database and the source.
        private func compare(
            _ summary: BackupReader.Summary, place: BackupPlace, source: BackupPlace?, scope: PlatformScope
        ) async throws -> [String] {
            let marks = summary.contents.audit
            // The restore has checked it in its own transaction; this asks the database that a host would open.
            var faults = try await place.snapshot(scope) { try BackupAudit.faults(marks, restoredOn: $0) }
            if let source {
                let running = try await source.installation(scope)
                if running != summary.header.installation {
                    faults.append("the backup is of the installation \(summary.header.installation), the running one is \(running)")
                }
                faults += try await source.snapshot(scope) { try BackupAudit.divergence(marks, from: $0) }
            }
            return faults
        }
    }
}
