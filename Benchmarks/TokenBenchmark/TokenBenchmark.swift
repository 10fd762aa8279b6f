// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import Security
import Synchronization
import Values

/// Signs and verifies access tokens with one task, by algorithm; the last line is JSON.
///
/// `Benchmarks/TokenBenchmark/compare` runs it by turns with JWTKit on a payload of the same members.
@main
struct TokenBenchmark {
    static func main() async throws {
        let count = CommandLine.arguments.contains("--quick") ? 500 : 5000
        let ring = try KEKRing(parsing: KEKRing.generate().revealedBytes())
        let rules = AccessTokenRules(issuer: "https://panel.example", audience: "panelhost", maximumLifetime: 900)
        var report: [String: Value] = [:]
        for algorithm in TokenAlgorithm.allCases {
            let keys = try await HostKeys.open(roots: ring, store: MemoryStore())
            if algorithm != .hs256 { _ = try await keys.rotate(.accessToken, to: algorithm.form, by: "benchmark", isImmediate: true) }
            let signer = AccessTokenSigner(keys: TokenKeyRing(keys), rules: rules)
            let verifier = AccessTokenVerifier(keys: TokenKeyRing(keys), rules: rules, clock: .system)
            let now = WallClock.system.now() / 1000
            let claims = AccessTokenClaims(
                subject: .make(), tenant: .make(), session: .make(), id: .make(), issuedAt: now, expiresAt: now + 600,
                authenticatedAt: now, methods: ["pwd"], epoch: 1)
            let token = try signer.sign(claims)
            report["sign_\(algorithm.rawValue)"] = .int(try rate(count) { _ = try signer.sign(claims) })
            report["verify_\(algorithm.rawValue)"] = .int(try rate(count) { _ = try verifier.verify(token) })
        }
        print(JSON.text(.map(report)))
    }

    /// The best of five, in operations a second.
    private static func rate(_ count: Int, _ body: () throws -> Void) throws -> Int64 {
        var best: Int64 = 0
        for _ in 0..<5 {
            let start = ContinuousClock.now
            for _ in 0..<count { try body() }
            let time = (ContinuousClock.now - start).components
            best = max(best, Int64(Double(count) / (Double(time.seconds) + Double(time.attoseconds) / 1e18)))
        }
        return best
    }
}

/// Wrapped keys in memory.
private final class MemoryStore: HostKeyStore {
    private let keys = Mutex<[WrappedHostKey]>([])

    func hostKeys(_ scope: PlatformScope) async throws -> [WrappedHostKey] { keys.withLock { $0 } }

    func insertHostKey(
        _ scope: PlatformScope, _ key: WrappedHostKey, retireOthersAt: Int64?, destroyingOthers: Bool, by actor: String
    ) async throws -> Bool {
        keys.withLock { $0.append(key) }
        return true
    }

    func replaceHostKey(_ scope: PlatformScope, _ old: WrappedHostKey, with new: WrappedHostKey) async throws -> Bool { false }
}
