// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Synchronization

/// Seals the personal parts of one transaction's events, and remembers what that takes.
final class PersonalSealer: Sendable {
    private struct State {
        var missing: Set<PersonalNeed> = []
        var due: [PersonalKey] = []
    }

    private let encryption: EncryptionService
    private let state = Mutex(State())

    init(_ encryption: EncryptionService) { self.encryption = encryption }

    /// Forgets what an earlier run of the same transaction's body wanted.
    func restart() { state.withLock { $0 = State() } }

    /// The sealed part; `.missing` once a key has to be fetched first, and then the transaction must not commit.
    func seal(_ event: AuditEvent) throws -> AuditSealing { try note { () throws(EncryptionError) in try encryption.seal(event) } }

    /// Sees to it that something about a person can be sealed later without waiting.
    func expect(_ need: PersonalNeed) throws { _ = try note { () throws(EncryptionError) in try encryption.look(for: need) } }

    private func note(_ work: () throws(EncryptionError) -> AuditSealing) throws -> AuditSealing {
        let sealing: AuditSealing
        do {
            sealing = try work()
        } catch {
            throw Self.refusal(error)
        }
        state.withLock { state in
            switch sealing {
            case .missing(let needs): state.missing.formUnion(needs)
            case .sealed(_, let due): state.due += due
            }
        }
        return sealing
    }

    /// Throws when an event could not be sealed, which undoes the transaction.
    func check() throws {
        if state.withLock({ !$0.missing.isEmpty }) { throw KeysAreMissing() }
    }

    /// Fetches or makes the keys that were missing.
    func prepare() async throws {
        for need in state.withLock({ $0.missing }) {
            do {
                try await encryption.prepare(for: need)
            } catch {
                throw Self.refusal(error)
            }
        }
    }

    /// Has keys compared with the store that were used longer ago than others; nobody waits for it.
    func refreshDue() {
        let due = state.withLock { $0.due }
        guard !due.isEmpty else { return }
        Task { [encryption] in await encryption.refresh(due) }
    }

    /// Ends a run of a body that wrote less than it should.
    struct KeysAreMissing: Error {}

    private static func refusal(_ error: EncryptionError) -> StorageError {
        StorageError(.unavailable, "what an audit event tells of a person cannot be sealed: \(error)")
    }
}
