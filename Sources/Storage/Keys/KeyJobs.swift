// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Values

/// Rewraps keys and encrypts rows anew, in small transactions, while hosts go on working.
///
/// Each change names what it replaces, so a row that somebody else has written in between is left alone. Killed at any point,
/// it loses at most one page of work: the next run goes on after the last page that was committed.
package struct KeyJobs: Sendable {
    private let database: any Database
    private let encryption: EncryptionService
    private let hostKeys: HostKeys
    private let authority: SystemAuthority
    private let clock: WallClock
    private let pageSize: Int

    package init(
        database: any Database, encryption: EncryptionService, hostKeys: HostKeys, authority: SystemAuthority, clock: WallClock = .system,
        pageSize: Int = 100
    ) {
        self.database = database
        self.encryption = encryption
        self.hostKeys = hostKeys
        self.authority = authority
        self.clock = clock
        self.pageSize = pageSize
    }

    /// The tables whose sealed values are looked after here, or must not be touched.
    package static var knownTables: Set<String> { Set(SealedColumn.all.map(\.table)).union(SealedColumn.untouchable) }

    private var scope: PlatformScope { authority.platform("keys") }

    private func scope(of tenant: TenantID) -> TenantScope { authority.permit(.tenantManage, in: tenant, as: "keys").scope }

    // MARK: Rewrap

    /// Wraps every key under what its kind is wrapped under now: O(keys), no row is touched.
    ///
    /// - Parameters:
    ///   - target: what is wrapped for, such as the id of the root key; a job that was begun for another target starts anew.
    ///   - report: is told after every page.
    package func rewrap(for target: String, report: @Sendable (KeyJob) async throws -> Void = { _ in }) async throws -> (
        job: KeyJob, faults: [KeyJobFault]
    ) {
        var (job, position) = try await begin(.rewrap, target: target) { tx in
            try tx.query("SELECT count(*) AS n FROM keys WHERE tenant_id = $1 AND id > ''", [tx.tenant]).first?.int("n") ?? 0
        }
        job.changed += Int64(try await hostKeys.rewrap())
        job.changed += Int64(try await rewrapSinkSecrets())
        var faults: [KeyJobFault] = []
        for tenant in try await tenants(from: position.tenant) {
            var after = tenant == position.tenant ? position.key : []
            while true {
                let page = try await page(of: tenant, after: after.first ?? "")
                guard let last = page.last else { break }
                let (changes, wrong) = await rewrapped(page, tenant)
                faults += wrong
                after = [last.id.description]
                position = Position(target: target, tenant: tenant, table: 0, key: after)
                job = try await commit(job, position, in: tenant, count: page.count) { tx in
                    try changes.reduce(into: Int64(0)) { $0 += try Self.replace($1.old, with: $1.new, on: tx) ? 1 : 0 }
                }
                try await report(job)
            }
        }
        return (try await finish(job, faults: faults.count), faults)
    }

    private func rewrapSinkSecrets() async throws -> Int {
        guard let secrets = hostKeys.secrets else { return 0 }
        var changed = 0
        for sink in try await database.platformRead(scope, { try AuditSinkRepository($0).all() }) {
            guard let old = sink.secret, let new = try await secrets.rewrapped(old, at: sink.secretPlace) else { continue }
            if try await database.platform(scope, { try AuditSinkRepository($0).replace(old, with: new, of: sink.id) }) { changed += 1 }
        }
        return changed
    }

    private func page(of tenant: TenantID, after: String) async throws -> [WrappedKey] {
        try await database.read(scope(of: tenant)) { tx in
            try tx.query(
                "SELECT \(WrappedKey.columns) FROM keys k WHERE k.tenant_id = $1 AND k.id > $2 ORDER BY k.id LIMIT \(pageSize)",
                [tx.tenant, .text(after)]
            ).map(WrappedKey.init(row:))
        }
    }

    private func rewrapped(_ page: [WrappedKey], _ tenant: TenantID) async -> (changes: [(old: WrappedKey, new: WrappedKey)], [KeyJobFault])
    {
        var changes: [(old: WrappedKey, new: WrappedKey)] = []
        var faults: [KeyJobFault] = []
        for key in page {
            do throws(EncryptionError) {
                if let new = try await encryption.rewrapped(key, scope(of: tenant)) { changes.append((key, new)) }
            } catch {
                faults.append(KeyJobFault(tenant: tenant, place: "key \(key.id)", reason: error))
            }
        }
        return (changes, faults)
    }

    private static func replace(_ old: WrappedKey, with new: WrappedKey, on tx: TenantTransaction) throws -> Bool {
        // A key that was erased in between has no such wrapped form any more, and stays erased.
        try tx.execute(
            "UPDATE keys SET wrapped = $4, wrapped_by = $5 WHERE tenant_id = $1 AND id = $2 AND wrapped = $3",
            [
                tx.tenant, .text(old.id.description), .text(old.wrapped), .text(new.wrapped), .text(new.wrappedBy),
            ]) == 1
    }

    // MARK: Reencrypt

    /// Encrypts every row anew that is not under the newest version of its key: O(rows).
    ///
    /// - Parameter report: is told after every page.
    package func reencrypt(report: @Sendable (KeyJob) async throws -> Void = { _ in }) async throws -> (job: KeyJob, faults: [KeyJobFault])
    {
        var (job, position) = try await begin(.reencrypt, target: "") { tx in
            try SealedColumn.all.reduce(into: Int64(0)) { $0 += try $1.count(on: tx) }
        }
        var faults: [KeyJobFault] = []
        for tenant in try await tenants(from: position.tenant) {
            let first = tenant == position.tenant ? position.table : 0
            for index in SealedColumn.all.indices.dropFirst(first) {
                let column = SealedColumn.all[index]
                var after = tenant == position.tenant && index == position.table ? position.key : []
                while true {
                    let start = after
                    let page = try await database.read(scope(of: tenant)) { tx in
                        try column.page(after: start.isEmpty ? nil : start, limit: pageSize, on: tx)
                    }
                    guard let last = page.last else { break }
                    let (changes, wrong) = await resealed(page, column)
                    faults += wrong
                    after = last.key
                    position = Position(target: "", tenant: tenant, table: index, key: after)
                    job = try await commit(job, position, in: tenant, count: page.count) { tx in
                        try changes.reduce(into: Int64(0)) { $0 += try column.replace($1.old, with: $1.new, on: tx) ? 1 : 0 }
                    }
                    try await report(job)
                }
            }
        }
        return (try await finish(job, faults: faults.count), faults)
    }

    private func resealed(
        _ page: [SealedColumn.Value], _ column: SealedColumn
    ) async -> (changes: [(old: SealedColumn.Value, new: Sealed)], [KeyJobFault]) {
        var changes: [(old: SealedColumn.Value, new: Sealed)] = []
        var faults: [KeyJobFault] = []
        for value in page {
            do throws(EncryptionError) {
                if let new = try await encryption.resealed(value.sealed, at: value.location) { changes.append((value, new)) }
            } catch .erased {
                // The tenant was purged in between.
                continue
            } catch {
                let place = "\(column.table) \(value.key.joined(separator: "/"))"
                faults.append(KeyJobFault(tenant: value.location.tenant, place: place, reason: error))
            }
        }
        return (changes, faults)
    }

    // MARK: Progress

    /// The last place that was dealt with.
    private struct Position: Sendable {
        var target: String
        var tenant: TenantID?
        var table = 0
        var key: [String] = []

        init(target: String, tenant: TenantID? = nil, table: Int = 0, key: [String] = []) {
            (self.target, self.tenant, self.table, self.key) = (target, tenant, table, key)
        }

        init?(_ text: String) {
            guard let value = try? JSON.parse(Array(text.utf8), limits: .stored), let target = value["target"]?.stringValue else {
                return nil
            }
            self.target = target
            tenant = value["tenant"]?.stringValue.flatMap { TenantID($0) }
            table = value["table"]?.intValue.map { Int($0) } ?? 0
            key = value["key"]?.arrayValue?.compactMap(\.stringValue) ?? []
        }

        var text: String {
            JSON.text([
                "target": .string(target), "tenant": tenant.map { .string($0.description) } ?? .null, "table": .int(Int64(table)),
                "key": .array(key.map(Value.string)),
            ])
        }
    }

    /// Goes on with a job that did not end, or starts anew.
    private func begin(
        _ name: KeyJob.Name, target: String, total count: @escaping @Sendable (TenantTransaction) throws -> Int64
    ) async throws -> (KeyJob, Position) {
        let now = clock.now()
        if let job = try await database.platformRead(scope, { try KeyJob.find(name, on: $0) }), job.state == .running,
            let position = Position(job.position), position.target == target
        {
            return (job, position)
        }
        var sum: Int64 = 0
        for tenant in try await tenants(from: nil) { sum += try await database.read(scope(of: tenant), count) }
        let total = sum
        return try await database.platform(scope) { tx in
            let position = Position(target: target)
            let job = KeyJob(
                name: name, state: .running, position: position.text, done: 0, changed: 0, total: total, startedAt: now,
                updatedAt: now)
            try job.save(on: tx)
            try tx.appendForOperators(
                action: "key.\(name.rawValue)", resource: "keys", by: "system:keys", correlation: "\(name.rawValue)-\(now)", at: now,
                detail: ["state": "started", "total": .int(job.total)])
            return (job, position)
        }
    }

    /// Writes one page and how far that is, both or neither.
    private func commit(
        _ job: KeyJob, _ position: Position, in tenant: TenantID, count: Int,
        _ changes: @escaping @Sendable (TenantTransaction) throws -> Int64
    ) async throws -> KeyJob {
        let now = clock.now()
        return try await database.transaction(scope(of: tenant)) { tx in
            var job = job
            job.changed += try changes(tx)
            job.done += Int64(count)
            job.total = max(job.total, job.done)
            job.position = position.text
            job.updatedAt = now
            try job.save(on: tx)
            return job
        }
    }

    private func finish(_ job: KeyJob, faults: Int) async throws -> KeyJob {
        let now = clock.now()
        return try await database.platform(scope) { tx in
            var job = job
            job.state = .done
            job.updatedAt = now
            try job.save(on: tx)
            try tx.appendForOperators(
                action: "key.\(job.name.rawValue)", resource: "keys", by: "system:keys",
                correlation: "\(job.name.rawValue)-\(job.startedAt)",
                at: now,
                detail: [
                    "state": "done", "done": .int(job.done), "changed": .int(job.changed), "faults": .int(Int64(faults)),
                ])
            return job
        }
    }

    /// Tenants in the order of their ids, from one on: later ones were made later. Those whose keys were destroyed have nothing to do.
    private func tenants(from first: TenantID?) async throws -> [TenantID] {
        try await database.platformRead(scope) { tx in
            try tx.query("SELECT id FROM tenants WHERE id >= $1 AND status <> 'purged' ORDER BY id", [.text(first?.description ?? "")]).map
            { try $0.id("id") }
        }
    }
}
