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
}

/// The data directory: the database, and the root keys unless the environment gives them.
///
/// Opening it fails with one line that says what to do; nothing is created beside a database that has lost its keys.
struct Installation: Sendable {
    let directory: String
    let database: any Database
    let keys: KEKRing
    /// The keys that sign tokens and audit checkpoints, and the pepper.
    let hostKeys: HostKeys
    /// Whether this start made the directory's keys, so that it can be said once where they are.
    let isNew: Bool
    let authority = SystemAuthority()

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
        (keys, isNew) = try Self.loadKeys(directory, home)
        database = try home.open()
        let isFirst = try await Self.createPlatform(database, authority, home.name)
        if isNew, !isFirst {
            // Another host was faster, with keys of its own: these have sealed nothing.
            unlink(Self.keyFile(in: directory))
            throw Failure(
                "another host has just made this installation: copy its key file to \(Self.keyFile(in: directory)) and start again")
        }
        hostKeys = try await Self.openHostKeys(keys, database)
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

    private static func loadKeys(_ directory: String, _ home: DatabaseHome) throws(Failure) -> (KEKRing, Bool) {
        if let text = getenv("PANELHOST_KEKS").map({ String(cString: $0) }) {
            do {
                return (try KEKRing(parsing: text), false)
            } catch {
                throw Failure("PANELHOST_KEKS: \(error)")
            }
        }
        let path = keyFile(in: directory)
        if access(path, F_OK) != 0 {
            guard !home.isInUse else {
                throw Failure(
                    "the key file \(path) is missing and \(home.name) holds sealed data: restore it from your backup, or set PANELHOST_KEKS"
                )
            }
            try writeKeys(KEKRing.generate(), to: path)
            return (try readKeys(path), true)
        }
        return (try readKeys(path), false)
    }

    private static func readKeys(_ path: String) throws(Failure) -> KEKRing {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw Failure("cannot read the key file \(path): \(reason())") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw Failure("\(path) is not a file") }
        guard status.st_mode & 0o077 == 0 else {
            throw Failure("others may read the key file \(path): run 'chmod 600 \(path)', and rotate the keys if they did")
        }
        var bytes = [UInt8](repeating: 0, count: 65_537)
        let count = read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw Failure("cannot read the key file \(path): \(reason())") }
        defer {
            bytes.withUnsafeMutableBytes { bytes in
                if let start = bytes.baseAddress { explicit_bzero(start, bytes.count) }
            }
        }
        do {
            return try KEKRing(parsing: Array(bytes[..<count]))
        } catch {
            throw Failure("the key file \(path): \(error)")
        }
    }

    private static func writeKeys(_ content: Secret, to path: String) throws(Failure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure("cannot create the key file \(path): \(reason())") }
        defer { close(descriptor) }
        let written = content.withBytes { bytes in write(descriptor, bytes.baseAddress, bytes.count) == bytes.count }
        guard written, fsync(descriptor) == 0 else { throw Failure("cannot write the key file \(path): \(reason())") }
    }

    private static func reason() -> String { String(cString: strerror(errno)) }

    private static func openHostKeys(_ ring: KEKRing, _ database: any Database) async throws(Failure) -> HostKeys {
        do {
            return try await HostKeys.open(roots: ring, store: SQLHostKeyStore(database))
        } catch KEKError.unknown(let id) {
            throw Failure("the root key \(id) still wraps keys of this installation and is not in the ring: put it back, behind the first")
        } catch KEKError.notAuthentic {
            throw Failure("a root key of the ring is not the one of that id which this installation was made with: restore the right one")
        } catch {
            throw Failure("cannot read the installation's keys: \(error)")
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
