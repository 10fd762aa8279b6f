// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import Host
import Logging
import PluginAPI
import Sandbox
import Security
import Storage

/// What an operator decides about a host, however it was said.
struct HostSettings: Sendable {
    /// Exemptions from the egress rules, in the form of `--destination`.
    var destinations: [String] = []
    /// The SandboxCell executable; nil for the one beside this program.
    var cell: String?
    var logLevel = "notice"
    /// The folder for recordings of calls; nil for none.
    var recordings: String?
    /// Whether archives without a signature are accepted; nil leaves it to the mode.
    var allowsUnsigned: Bool?
}

/// The composition root: everything is put together here, and nowhere else.
struct Composition: Sendable {
    let installation: Installation
    let host: Host
    let logger: Logger

    /// Opens an installation and starts its sandbox.
    static func start(
        location: InstallationLocation, settings: HostSettings, isDevelopment: Bool, extraExemptions: [EgressExemption] = []
    ) async throws -> Composition {
        let logger = try makeLogger(settings.logLevel)
        var exemptions = extraExemptions
        for text in settings.destinations {
            do {
                exemptions.append(try EgressExemption(parsing: text))
            } catch {
                throw Failure("--destination \(text): \(error)")
            }
        }
        let cell = try cellPath(settings.cell)
        var location = location
        location.isDevelopment = isDevelopment
        let installation = try await Installation(at: location, creating: true)
        if !isDevelopment { try await installation.refusePrivilegedRole() }
        let sandbox: Sandbox
        do {
            sandbox = try await Sandbox.start(
                SandboxConfiguration(cellExecutable: cell, recordings: settings.recordings), logger: logger)
        } catch {
            throw Failure(startingSandbox: error)
        }
        let host = Host(
            configuration: HostConfiguration(isDevelopment: isDevelopment, allowsUnsigned: settings.allowsUnsigned, exemptions: exemptions),
            parts: Host.Parts(
                database: installation.database, sandbox: sandbox, encryption: installation.encryption,
                authenticator: try installation.authenticator(),
                authority: installation.authority, auditSigners: try await installation.auditSigners(),
                cursors: SealedCursor(installation.keys), secrets: installation.hostKeys.secrets, logger: logger))
        return Composition(installation: installation, host: host, logger: logger)
    }

    static func cellPath(_ option: String?) throws(Failure) -> String {
        if let option {
            guard access(option, X_OK) == 0 else { throw Failure("--cell \(option): this is not an executable file") }
            return option
        }
        guard let found = SandboxConfiguration.locateCell() else {
            throw Failure("the SandboxCell executable is not beside panelhost: build it ('swift build'), or name it with --cell")
        }
        return found
    }

    private static func makeLogger(_ level: String) throws -> Logger {
        guard let level = Logger.Level(rawValue: level) else {
            throw Failure("--log-level \(level): use one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        var logger = Logger(label: "panelhost") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = level
        return logger
    }
}
