// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import Security
import Synchronization
import Values

/// Measures sealing and opening of a 200-byte secret against the bare cipher and against `openssl speed`, in one run.
@main
struct CryptoBenchmark {
    private static let byteCount = 200

    static func main() async throws {
        let count = CommandLine.arguments.contains("--quick") ? 20_000 : 400_000
        let ring = try KEKRing(parsing: KEKRing.generate().revealedBytes())
        let service = try EncryptionService(ring: ring, store: MemoryStore())
        let plugin = try require(PluginID("stripe"))
        let place = SealedLocation(
            tenant: .make(), plugin: plugin, field: "plugin_config.secret_key", record: InstanceID.make().description)
        let secret = SecureRandom.bytes(byteCount)
        let sealed = try await service.seal(secret, as: place)

        var report: [String: Value] = [:]
        for tasks in [1, 2] {
            report["seal_\(tasks)"] = .int(
                try await rate(count, tasks: tasks, "seal, \(tasks) task(s)") { _ = try await service.seal(secret, as: place) })
            report["open_\(tasks)"] = .int(
                try await rate(count, tasks: tasks, "open, \(tasks) task(s)") { _ = try await service.open(sealed, at: place) })
        }
        let key = try AESGCMKey(SecureRandom.secret(32))
        let nonce = SecureRandom.bytes(12)
        report["cipher_alone"] = .int(
            try await rate(count, tasks: 1, "AES-256-GCM alone, one key and nonce") {
                _ = try secret.withUnsafeBytes { try key.seal($0, nonce: nonce, authenticating: []) }
            })
        let ours = [("seal", report["seal_1"]), ("open", report["open_1"])]
        for (verb, rate) in ours {
            guard case .int(let rate)? = rate, let theirs = OpenSSLSpeed.operations(byteCount: byteCount, decrypting: verb == "open")
            else { continue }
            let ratio = Double(rate) / Double(theirs)
            report["openssl_\(verb)"] = .int(theirs)
            report["ratio_\(verb)"] = .double((ratio * 1000).rounded() / 1000)
            say("openssl speed, \(verb): \(theirs / 1000) k/s; \(verb) of a secret is \(Int((ratio * 100).rounded())) % of it")
        }
        say(JSON.text(.map(report)))
    }

    private static func rate(
        _ count: Int, tasks: Int, _ name: String, _ body: @escaping @Sendable () async throws -> Void
    ) async throws -> Int64 {
        var best: Int64 = 0
        for _ in 0..<5 {
            let start = ContinuousClock.now
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<tasks {
                    group.addTask { for _ in 0..<(count / tasks) { try await body() } }
                }
                try await group.waitForAll()
            }
            let time = ContinuousClock.now - start
            let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
            best = max(best, Int64(Double(count) / seconds))
        }
        say("\(name): \(best / 1000) k/s")
        return best
    }

    private static func require<T>(_ value: T?) throws -> T {
        guard let value else { throw EncryptionError.malformed }
        return value
    }
}

/// Wrapped keys in memory: what is measured is the work per secret, not the database.
private final class MemoryStore: KeyStore {
    private let keys = Mutex<[WrappedKey]>([])

    func newestKey(_ scope: TenantScope, slot: KeySlot) async throws -> WrappedKey? {
        keys.withLock { $0.filter { $0.slot == slot }.max { $0.version < $1.version } }
    }

    func key(_ scope: TenantScope, id: KeyID) async throws -> WrappedKey? { keys.withLock { $0.first { $0.id == id } } }

    func insertKey(_ scope: TenantScope, _ key: WrappedKey, uses: Int64, audit: AuditEvent?) async throws -> Bool {
        keys.withLock { $0.append(key) }
        return true
    }

    func reserveKeyUses(_ scope: TenantScope, id: KeyID, count: Int64) async throws -> Int64 { 0 }

    func eraseKeys(_ scope: TenantScope, slot: KeySlot, tombstone: KeyID, at now: Int64, audit: AuditEvent) async throws -> Int { 0 }
}

private func say(_ line: String) {
    let bytes = Array("\(line)\n".utf8)
    _ = Glibc.write(STDOUT_FILENO, bytes, bytes.count)
}
