// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Synchronization

extension MemoryIdentityStore {
    struct FactorCounter {
        var failures: Int64 = 0
        var retryAt: Int64 = 0
    }

    func factors(_ scope: TenantScope, of user: UserID) async throws -> [FactorName] {
        state.withLock { $0.users[user]?.tenant == scope.tenant ? ($0.factors[user] ?? []) : [] }
    }

    func factorPolicy(_ scope: TenantScope) async throws -> FactorPolicy { state.withLock { $0.factorPolicy } }

    func claimFactor(
        _ scope: TenantScope, user: UserID, factor: FactorName, now: Int64, delay: @escaping @Sendable (Int64) -> Int64
    ) async throws -> Bool {
        state.withLock { state in
            var counter = state.factorCounters["\(user)/\(factor)"] ?? FactorCounter()
            guard counter.retryAt <= now else { return false }
            counter.failures += 1
            counter.retryAt = now + delay(counter.failures)
            state.factorCounters["\(user)/\(factor)"] = counter
            return true
        }
    }

    func resetFactor(_ scope: TenantScope, user: UserID, factor: FactorName) async throws {
        state.withLock { $0.factorCounters["\(user)/\(factor)"] = nil }
    }

    func countAnswer(_ scope: TenantScope, hash: [UInt8], limit: Int64, now: Int64) async throws -> Bool {
        state.withLock { state in
            guard var token = state.tokens[hash], token.tenant == scope.tenant, token.usedAt == nil, token.expiresAt > now,
                token.attempts < limit
            else { return false }
            token.attempts += 1
            state.tokens[hash] = token
            return true
        }
    }

    func usePendingSignIn(_ scope: TenantScope, hash: [UInt8], now: Int64) async throws -> Bool {
        state.withLock { state in
            guard let token = state.tokens[hash], token.tenant == scope.tenant, token.usedAt == nil, token.expiresAt > now else {
                return false
            }
            state.tokens[hash]?.usedAt = now
            return true
        }
    }

    func storeRehash(_ scope: TenantScope, user: UserID, hash: String, epoch: Int64, now: Int64) async throws {
        state.withLock { if $0.users[user]?.epoch == epoch { $0.users[user]?.passwordHash = hash } }
    }

    func noteFactor(
        _ scope: TenantScope, session: SessionID, user: UserID, methods: [String], now: Int64, audit: AuditEvent
    ) async throws -> Bool {
        state.withLock { state in
            guard let known = state.sessions[session], known.new.user == user, known.revokedAt == nil else { return false }
            state.shown[session] = (now, methods)
            state.audit.append(audit)
            return true
        }
    }
}
