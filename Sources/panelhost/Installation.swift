// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import Sandbox
import Security
import Storage

/// Where an installation keeps its state.
struct InstallationLocation: Sendable {
    /// The data directory: the root keys, and the database unless it is elsewhere.
    let directory: String
    /// A PostgreSQL database, when there is one instead of the file.
    let databaseURL: String?
    /// Allows what only a test machine may do.
    var isDevelopment = false

    /// The database where there is no other.
    var databaseFile: String { directory + "/panelhost.sqlite" }
}

/// The data directory: the database, and the root keys unless the environment gives them.
///
/// Opening it fails with one line that says what to do; nothing is created beside a database that has lost its keys.
struct Installation: Sendable {
    let directory: String
    /// Seals what audit events tell of persons.
    let database: SealingDatabase
    /// Encryption over this installation's rows and keys.
    let encryption: EncryptionService
    let rootKeys: RootKeys
    /// The keys that sign tokens and audit checkpoints, and the pepper.
    let hostKeys: HostKeys
    /// Whether this start made the directory's keys, so that it can be said once where they are.
    let isNew: Bool
    /// What the hash of a password costs here.
    let passwordCost: PasswordCost
    let authority = SystemAuthority()

    var keys: KEKRing { rootKeys.ring }
    var keyFile: String { Self.keyFile(in: directory) }

    /// Opens an installation.
    ///
    /// - Parameter creating: make the directory and the keys when there is no installation yet.
    init(at location: InstallationLocation, creating: Bool) async throws(Failure) {
        guard HostProcess.forbidDumps() else {
            throw Failure("core dumps cannot be switched off for this process, and one would hold the keys: \(Self.reason())")
        }
        directory = location.directory
        let home = try await Self.home(location, creating: creating, authority)
        try Self.prepare(directory, creating: creating)
        (rootKeys, isNew) = try Self.loadKeys(directory, home)
        let store = try home.open()
        do {
            encryption = try EncryptionService(ring: rootKeys, store: SQLKeyStore(store))
        } catch {
            throw Failure("cannot use the installation's keys: \(error)")
        }
        database = SealingDatabase(store, encryption: encryption)
        let isFirst = try await Self.createPlatform(database, authority, home.name)
        if isNew, !isFirst {
            // Another host was faster, with keys of its own: these have sealed nothing.
            unlink(Self.keyFile(in: directory))
            throw Failure(
                "another host has just made this installation: copy its key file to \(Self.keyFile(in: directory)) and start again")
        }
        try await Self.checkRing(rootKeys, database, authority)
        hostKeys = try await Self.openHostKeys(rootKeys, database)
        passwordCost = try await Self.readPasswordCost(database, authority)
    }

    // MARK: Directory

    private static func prepare(_ directory: String, creating: Bool) throws(Failure) {
        if creating, mkdir(directory, 0o700) != 0, errno != EEXIST {
            throw Failure("cannot create the data directory \(directory): \(reason()); name another one with --data")
        }
        var status = stat()
        guard stat(directory, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw Failure("\(directory) is not a directory; name another one with --data")
        }
        guard access(directory, W_OK | X_OK) == 0 else {
            throw Failure(
                "the data directory \(directory) is not writable for this user: run 'chown $(id -u) \(directory)' or name another one with --data"
            )
        }
    }

    // MARK: Keys

    private static func keyFile(in directory: String) -> String { directory + "/keys" }

    private static func loadKeys(_ directory: String, _ home: DatabaseHome) throws(Failure) -> (RootKeys, Bool) {
        let source = KEKSource.find(file: keyFile(in: directory))
        if case .file(let path) = source, access(path, F_OK) != 0, home.isInUse {
            throw Failure(
                "the key file \(path) is missing and \(home.name) holds sealed data: restore it from your backup, or set PANELHOST_KEKS")
        }
        do throws(KEKRingError) {
            guard case .file(let path) = source, access(path, F_OK) != 0 else { return (try RootKeys(source), false) }
            try RootKeys.createFile(path)
            return (try RootKeys(source), true)
        } catch {
            throw Failure(error.description)
        }
    }

    private static func reason() -> String { String(cString: strerror(errno)) }

    /// Refuses a ring that lacks a key which something is wrapped by: better now than at some request.
    private static func checkRing(_ roots: RootKeys, _ database: any Database, _ authority: SystemAuthority) async throws(Failure) {
        let needed: [String: Int64]
        do {
            needed = try await database.platformRead(authority.platform("start")) { try KeyStatus.rootsInUse($0) }
        } catch {
            throw Failure("cannot read the installation's keys: \(error)")
        }
        let missing = needed.keys.filter { !roots.ring.ids.contains($0) }.sorted()
        guard missing.isEmpty else {
            throw Failure(
                "the \(roots.source) lacks the root key \(missing.joined(separator: ", ")), which \(missing.reduce(0) { $0 + (needed[$1] ?? 0) }) "
                    + "keys are wrapped by: put it back behind the first, and take it out once 'panelhost keys status' says that it can go")
        }
    }

    private static func openHostKeys(_ roots: RootKeys, _ database: any Database) async throws(Failure) -> HostKeys {
        do {
            return try await HostKeys.open(roots: roots, store: SQLHostKeyStore(database), secrets: TokenSecrets())
        } catch let error as TokenSecretError {
            throw Failure(error.description)
        } catch KEKError.notAuthentic {
            throw Failure(
                "the \(roots.source) has a root key of the right id that is not the right key: restore the one of this installation")
        } catch {
            throw Failure("cannot read the installation's keys: \(error)")
        }
    }

    private static func readPasswordCost(_ database: any Database, _ authority: SystemAuthority) async throws(Failure) -> PasswordCost {
        do {
            let text = try await database.platformRead(authority.platform("start")) { try InstallationSettings($0).find(.passwordCost) }
            guard let text else { return .floor }
            guard let cost = PasswordCost(text) else {
                throw Failure("the stored cost of passwords cannot be read: set it again with 'panelhost auth calibrate --save'")
            }
            return cost
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure("cannot read the installation's settings: \(error)")
        }
    }

    // MARK: Tenants

    /// The operators' own tenant: who installs plugins signs in there. True when this call made it.
    private static func createPlatform(
        _ database: any Database, _ authority: SystemAuthority, _ name: String
    ) async throws(Failure) -> Bool {
        do {
            return try await database.platform(authority.platform("start")) { tx in
                let tenants = TenantRegistry(tx)
                guard try tenants.find(slug: .platform) == nil else { return false }
                _ = try tenants.create(
                    slug: .platform, name: "Platform", by: "system:start", correlation: CallID.make().description,
                    at: WallClock.system.now())
                return true
            }
        } catch let error as StorageError where error.code == .duplicate {
            // Another host was there between the look and the insertion.
            return false
        } catch {
            throw Failure("cannot prepare the database in \(name): \(error)")
        }
    }

    /// The keys of the audit trails' checkpoints.
    func auditSigners() async throws(Failure) -> AuditSigners {
        let platform = try await tenant(TenantSlug.platform.description)
        return AuditSigners(AuditSigningKeys(hostKeys), installation: platform.id)
    }

    /// The tenant of that slug; an error that names the ones there are.
    func tenant(_ slug: String) async throws(Failure) -> TenantRecord {
        let all = try await tenants()
        guard let tenant = all.first(where: { $0.slug.description == slug }) else {
            throw Failure("there is no tenant '\(slug)'; there are: \(all.map(\.slug.description).joined(separator: ", "))")
        }
        return tenant
    }

    func tenants() async throws(Failure) -> [TenantRecord] {
        do {
            return try await database.platformRead(authority.platform("list tenants")) { try TenantRegistry($0).all() }
        } catch {
            throw Failure("cannot read the tenants: \(error)")
        }
    }
}
