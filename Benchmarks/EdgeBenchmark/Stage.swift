// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Dispatch
import Glibc
import Host
import Logging
import Sandbox
import Security
import Storage

/// A host on an SQLite file of its own, with one tenant and one user.
final class Stage: Sendable {
    let host: Host
    let folder: String
    let logger = Logger(label: "bench", factory: { _ in SwiftLogNoOpLogHandler() })
    private let file: SQLiteDatabase
    private static let password = "correct horse battery staple"

    init() async throws {
        var template = Array("/tmp/panelhost-edge-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failed("no folder for temporary files") }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        file = try SQLiteDatabase(path: folder + "/data.sqlite")
        let (ring, authority) = (try KEKRing(parsing: KEKRing.generate().revealedBytes()), SystemAuthority())
        let encryption = try EncryptionService(ring: ring, store: SQLKeyStore(file))
        let database = SealingDatabase(file, encryption: encryption)
        let (acme, platform) = try await database.platform(authority.platform("bench")) { tx in
            let make = { (slug: String) in
                guard let slug = TenantSlug(slug) else { throw Failed("a slug") }
                return try TenantRegistry(tx).create(slug: slug, name: "x", by: "system:bench", correlation: "c", at: 1)
            }
            return (try make("acme"), try make("platform"))
        }
        guard let cell = SandboxConfiguration.locateCell() else { throw Failed("build the product SandboxCell first") }
        let hasher = PasswordHasher(ring: ring)
        host = Host(
            configuration: HostConfiguration(isDevelopment: true),
            parts: Host.Parts(
                database: database, sandbox: try await Sandbox.start(SandboxConfiguration(cellExecutable: cell), logger: logger),
                encryption: encryption,
                authenticator: Authenticator(
                    store: SQLIdentityStore(database), keys: ring, hasher: hasher,
                    policy: try AuthenticationPolicy(issuer: "bench", audience: "bench", environment: "bench")),
                authority: authority, auditSigners: AuditSigners(AuditSigningKeys(HostKeys(derivedFrom: ring)), installation: platform.id),
                cursors: SealedCursor(ring), logger: logger))
        let hash = try await hasher.hash(Secret(Self.password))
        try await database.transaction(authority.permit(.userManage, in: acme.id, as: "bench").scope) { tx in
            _ = try UserRepository(tx).create(email: "ann@acme.example", name: "Ann", passwordHash: hash, roles: ["ADMIN"], at: 1)
        }
    }

    func signIn() async throws -> TokenPair {
        let outcome = try await host.authenticator.signIn(slug: "acme", email: "ann@acme.example", password: Secret(Self.password))
        guard let pair = outcome.session else { throw AuthenticationError.refused }
        return pair
    }

    func close() async {
        await host.shutdown()
        try? file.close()
        _ = try? await run("rm -r '\(folder)'")
    }
}

/// What went wrong, in one line.
struct Failed: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// One line on standard output, at once.
func say(_ line: String) {
    var text = line + "\n"
    _ = text.withUTF8 { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
}

/// The output of a shell command, on a thread of its own.
func run(_ command: String) async throws -> String {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async {
            guard let pipe = popen("exec 2>&1; \(command)", "r") else { return continuation.resume(throwing: Failed("no shell")) }
            let text = contents(of: pipe)
            continuation.resume(with: pclose(pipe) == 0 ? .success(text) : .failure(Failed("\(command): \(text)")))
        }
    }
}

func read(_ path: String) throws -> String {
    guard let file = fopen(path, "r") else { throw Failed("cannot read \(path)") }
    defer { fclose(file) }
    return contents(of: file)
}

func write(_ text: String, to path: String) throws {
    guard let file = fopen(path, "w") else { throw Failed("cannot write \(path)") }
    defer { fclose(file) }
    guard fputs(text, file) >= 0 else { throw Failed("cannot write \(path)") }
}

private func contents(of file: UnsafeMutablePointer<FILE>) -> String {
    var (bytes, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 4096))
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return String(decoding: bytes, as: UTF8.self)
}
