// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import Testing

/// What must not compile, given to the compiler.
@Suite("Scope proofs")
struct ScopeProofTests {
    private static let head = """
        import Security
        import Storage
        func code(_ tenant: TenantID, _ tx: TenantTransaction, _ platform: PlatformTransaction, _ any: any SQLConnection) {

        """

    /// One statement each: what somebody in a hurry would write to get at rows without a proof.
    private static let refused = [
        "_ = TenantScope(tenant)",
        "_ = TenantTransaction(scope: tx.scope, connection: any)",
        "_ = PlatformTransaction(scope: platform.scope, connection: any)",
        "_ = UserRepository(platform)",
        "_ = SessionRepository(any)",
        "_ = APIKeyRepository(platform)",
        "_ = AuditRepository(platform)",
        "_ = PluginRepository(any)",
        "_ = PluginConfigRepository(platform)",
        "_ = PluginStorageRepository(platform, plugin: tenant)",
        "_ = PluginCatalogue(tx)",
        "_ = TenantRegistry(tx)",
    ]

    private static let accepted = [
        "_ = UserRepository(tx)", "_ = PluginRepository(tx)", "_ = PluginCatalogue(platform)", "_ = tx.scope.tenant == tenant",
    ]

    @Test("a repository is built from a transaction that carries its scope")
    func compiles() throws {
        let output = try compile(Self.accepted)

        #expect(output.isEmpty, "\(output)")
    }

    @Test("no repository, transaction or scope is built without the proof")
    func refuses() throws {
        let output = try compile(Self.refused)

        let first = Self.head.split(separator: "\n", omittingEmptySubsequences: false).count
        for (index, statement) in Self.refused.enumerated() {
            #expect(output.contains(":\(first + index):"), "compiles: \(statement)")
        }
    }

    /// The compiler's messages for a function of these statements, against the modules that this test was built with.
    private func compile(_ statements: [String]) throws -> String {
        let directory = try TemporaryDirectory()
        let file = directory.file("Code.swift")
        try (Self.head + statements.joined(separator: "\n") + "\n}\n").write(toFile: file, atomically: true, encoding: .utf8)
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let products = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let build = URL(filePath: products).deletingLastPathComponent()
        let scratch = build.deletingLastPathComponent().deletingLastPathComponent()
        // SwiftPM names a package after its directory, as an identifier.
        let name = String(package.lastPathComponent.lowercased().map { $0.isLetter || $0.isNumber ? $0 : "_" })

        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "swiftc", "-typecheck", "-swift-version", "6", "-package-name", name, "-I", build.path + "/Modules",
            "-I", package.path + "/Sources/COpenSSL", "-I", package.path + "/Sources/CArgon2",
            "-I", package.path + "/Sources/CUTF8proc", "-I", package.path + "/Sources/CZxcvbn",
            "-I", package.path + "/Sources/CPostgres", "-Xcc", "-I/usr/include/postgresql",
            "-I", scratch.path + "/checkouts/GRDB.swift/Sources/GRDBSQLite", file,
        ]
        let pipe = Pipe()
        process.standardError = pipe
        process.standardOutput = pipe
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(decoding: output, as: UTF8.self)
    }
}
