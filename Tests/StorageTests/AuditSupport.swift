// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage

/// One signing key for all tests: what it signs is thrown away with them.
enum TestSigner {
    // swift-format-ignore: NeverForceUnwrap, NeverUseForceTry
    static let note = NoteSigner(name: LogName("panel.test/audit")!, key: try! .generate())
    static let signer = AuditSigner(note)
}

extension TestDatabase {
    func sequencer() -> AuditSequencer {
        AuditSequencer(database: database, authority: authority, signers: AuditSigners { TestSigner.signer }, clock: WallClock { Self.now })
    }

    /// Gives every event its place.
    @discardableResult
    func sequence() async throws -> AuditSequencer.Pass { try await sequencer().drain() }

    func verifyAll(held: [Checkpoint] = []) async throws -> InstallationAuditReport {
        try await database.platformRead(platform) { try AuditVerification.verify($0, signer: TestSigner.signer, held: held) }
    }

    func verify(_ tenant: TenantRecord? = nil, held: [Checkpoint] = []) async throws -> AuditReport {
        let tenant = (tenant ?? acme).id
        return try await database.platformRead(platform) {
            try AuditVerification.verify($0, signer: TestSigner.signer, only: tenant, held: held).trails[0]
        }
    }

    /// Adds so many events to a trail, and sequences them in one batch.
    func fill(_ count: Int, _ tenant: TenantRecord? = nil) async throws {
        try await write(tenant) { tx in for _ in 0..<count { try tx.append(event(tenant: tenant)) } }
        try await sequence()
    }
}
