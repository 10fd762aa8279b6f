// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security

/// Nobody acts in other tenants, and everybody has one: what SQL does about both is tested with SQL.
extension MemoryIdentityStore {
    func beginActing(
        _ scope: PlatformScope, in slug: TenantSlug, _ acting: NewActing, audit: @escaping @Sendable (ActingRecord) -> [AuditEvent]
    ) async throws -> ActingRecord? { nil }
    func acting(_ scope: PlatformScope, tenant: TenantID, id: SessionID) async throws -> ActingRecord? { nil }
    func runningActs(_ scope: PlatformScope, now: Int64) async throws -> [ActingRecord] { [] }
    func endActs(
        _ scope: PlatformScope, _ which: ActingChoice, now: Int64, by actor: String,
        audit: @escaping @Sendable (ActingRecord) -> [AuditEvent]
    ) async throws -> [ActingRecord] { [] }
    func memberships(_ scope: PlatformScope, of home: HomeLink) async throws -> [Membership] { [] }
    func member(_ scope: PlatformScope, slug: TenantSlug, of home: HomeLink) async throws -> AccountRecord? { nil }
    func email(_ scope: TenantScope, of user: UserID) async throws -> String? { nil }
    func acceptMembership(
        _ scope: TenantScope, token: [UInt8], email: String, home: HomeLink, now: Int64, audit: @escaping @Sendable (UserID) -> AuditEvent
    ) async throws -> UserID? { nil }
    func prolong(_ scope: TenantScope, with token: RefreshRecord, now: Int64, audit: AuditEvent) async throws -> Bool { false }
    func endMembership(_ scope: TenantScope, user: UserID, home: HomeLink, now: Int64, audit: AuditEvent) async throws -> Bool {
        false
    }
}
