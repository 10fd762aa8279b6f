// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import FoundationEssentials
import Glibc
import Security
import Storage

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Make encrypted backups, check them, restore them, and rehearse it.",
        discussion: """
            A backup holds every table at one moment, encrypted under a backup key of its own, and where the audit log stood. It does not hold the
            root keys (the file 'keys', or PANELHOST_KEKS): without a copy of those, kept apart, the secrets in a restored database stay sealed.

            Exit codes: 0 done, 1 failed, 2 the backup itself is damaged, incomplete or not for this key or program, 64 wrong usage.
            """,
        subcommands: [Keygen.self, Create.self, Verify.self, Restore.self, Drill.self])

    /// Which key opens and closes backups.
    struct KeyOptions: ParsableArguments {
        @Option(
            name: .long,
            help: ArgumentHelp(
                "The backup key, a file from 'panelhost backup keygen'; PANELHOST_BACKUP_KEY holds the key itself.", valueName: "file"))
        var key: String?

        func load() throws -> BackupKey {
            do {
                if let key { return try Self.read(key) }
                guard let text = getenv("PANELHOST_BACKUP_KEY").map({ String(cString: $0) }) else {
                    throw Failure(
                        "no backup key: name its file with --key, or set PANELHOST_BACKUP_KEY; 'panelhost backup keygen' makes one")
                }
                return try BackupKey(parsing: text)
            } catch let error as BackupKeyError {
                throw Failure("\(key ?? "PANELHOST_BACKUP_KEY"): \(error)")
            }
        }

        static func read(_ path: String) throws -> BackupKey {
            guard let text = try KeyFile.read(path).revealedText() else { throw Failure("the key file \(path) is not text") }
            return try BackupKey(parsing: text)
        }
    }

    struct Keygen: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a backup key: a new file, readable by its owner alone.")

        @Option(name: .long, help: ArgumentHelp("Where to write it.", valueName: "file"))
        var out: String

        func run() throws {
            let content = BackupKey.generate()
            try KeyFile.create(out, content)
            let key = try KeyOptions.read(out)
            Console.line("backup key \(key.id) in \(out)")
            Console.line("keep copies of it apart from the backups: without this key nobody can restore them")
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write an encrypted backup of everything, while hosts run.",
            discussion:
                "Nothing is overwritten. The file gets its name when it is whole, and is then read and checked once from start to end.")

        @Option(name: .long, help: ArgumentHelp("The file to write; - writes to standard output, for a pipe.", valueName: "file"))
        var out: String

        @OptionGroup var keyOptions: KeyOptions
        @OptionGroup var options: DataOptions

        func run() async throws {
            let key = try keyOptions.load()
            let place = try options.backupPlace()
            let progress = ProgressLines("saved")
            let out = out
            let report = try await place.snapshot(SystemAuthority().platform("back up")) { connection in
                let creation = try BackupCreation(reading: connection, progress: progress.show)
                let now = WallClock.system.now()
                guard out != "-" else {
                    return try creation.write(key: key, at: now) { try BackupFile.write($0, to: STDOUT_FILENO, named: "standard output") }
                }
                return try BackupFile.write(to: out) { try creation.write(key: key, at: now, to: $0) }
            }
            let say = out == "-" ? Console.error : Console.line
            if out != "-" {
                let read = try BackupFile.verify(out, key: key)
                guard read.digest == report.digest else {
                    throw Failure("\(out) does not read back as it was written: check the disk, and make another backup", exitCode: 2)
                }
            }
            let size = "\(report.rows) rows of \(report.contents.tables.count) tables, \(report.bytes) bytes"
            say("\(out == "-" ? "backup" : out): \(size), key \(key.id)\(out == "-" ? "" : ", read back and whole")")
            for line in report.contents.auditLines { say("audit: \(line)") }
            say(BackupCommand.keysAreElsewhere)
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Decrypt a backup and check all of it, without a database.",
            discussion: "Finds every changed, missing, moved or repeated part. 'drill' also restores it and recomputes the audit log.")

        @Argument(help: ArgumentHelp("The backup.", valueName: "file"))
        var file: String

        @OptionGroup var keyOptions: KeyOptions

        func run() async throws {
            let summary = try BackupFile.verify(file, key: keyOptions.load(), progress: ProgressLines("checked").show)
            Console.line("\(file): whole")
            for line in BackupCommand.description(summary) { Console.line("  " + line) }
        }
    }

    static let keysAreElsewhere =
        "not in it: the root keys (the file 'keys' in the data directory, or PANELHOST_KEKS); keep a copy of them elsewhere"

    /// What a backup is, for people.
    static func description(_ summary: BackupReader.Summary) -> [String] {
        let header = summary.header
        return [
            "made \(Date(timeIntervalSince1970: Double(header.createdAt) / 1000).formatted(.iso8601)) from \(header.engine), schema \(header.schema), with the backup key \(header.key)",
            "installation \(header.installation.isEmpty ? "unknown" : header.installation)",
            "\(summary.totalRows) rows of \(summary.rows.count) tables, content sha256:\(summary.digest)",
        ] + summary.contents.auditLines.map { "audit: \($0)" }
    }
}

extension BackupContents {
    /// Where the audit log stood, and what the log over all tenants says of it.
    var auditLines: [String] {
        let tenants = audit.filter { !$0.tenant.isEmpty }
        var lines = ["\(tenants.map(\.size).reduce(0, +)) events of \(tenants.count) tenants at the checkpoint in the backup"]
        for mark in audit where mark.tenant.isEmpty { lines.append("log of all tenants at size \(mark.size), root \(mark.root)") }
        return lines
    }
}

extension BackupError {
    /// Whether another backup, key or program is needed, rather than another try.
    var isAboutTheBackup: Bool {
        switch code {
        case .damaged, .truncated, .wrongKey, .newer, .incompatible, .notEqual: true
        case .notEmpty, .file: false
        }
    }
}

extension DataOptions {
    /// The database itself, without opening or changing it.
    func backupPlace() throws -> BackupPlace {
        if let url = location.databaseURL { return .postgresql(url: url) }
        let path = location.databaseFile
        guard access(path, F_OK) == 0 else {
            throw Failure(
                "there is no installation in \(location.directory): name its directory with --data, or its database with --database")
        }
        return .file(path)
    }
}
