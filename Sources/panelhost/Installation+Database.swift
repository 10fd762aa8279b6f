// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import Security
import Storage

/// The database of an installation before it is opened for good.
struct DatabaseHome: Sendable {
    /// What messages call it; never the URL, which may hold a password.
    let name: String
    /// Whether it holds an installation already, whose keys must be there.
    let isInUse: Bool
    /// A file is made only after the keys were found in order.
    let open: @Sendable () throws(Failure) -> any Database
}

extension Installation {
    /// Looks where the state is, and refuses to go on when there is none and none may be made.
    static func home(_ location: InstallationLocation, creating: Bool, _ authority: SystemAuthority) async throws(Failure) -> DatabaseHome {
        guard let url = location.databaseURL else { return try file(location, creating: creating) }
        let name = "the PostgreSQL database"
        let database: PostgreSQLDatabase
        let isInUse: Bool
        do {
            var options = PostgreSQLOptions()
            options.isDevelopment = location.isDevelopment
            database = try await PostgreSQLDatabase(url: url, options: options)
            isInUse = try await database.platformRead(authority.platform("start")) { try !TenantRegistry($0).all().isEmpty }
        } catch {
            throw Failure("cannot open \(name): \(error)")
        }
        guard isInUse || creating else {
            throw Failure("there is no installation in \(name): start one with 'panelhost run --database …'")
        }
        return DatabaseHome(name: name, isInUse: isInUse) { () throws(Failure) in database }
    }

    private static func file(_ location: InstallationLocation, creating: Bool) throws(Failure) -> DatabaseHome {
        let (directory, path) = (location.directory, location.databaseFile)
        let exists = access(path, F_OK) == 0
        guard exists || creating else {
            throw Failure("there is no installation in \(directory): start one with 'panelhost run --data \(directory)'")
        }
        return DatabaseHome(name: directory, isInUse: exists) { () throws(Failure) in
            do {
                return try SQLiteDatabase(path: path)
            } catch {
                throw Failure("cannot open \(path): \(error)")
            }
        }
    }

    /// Real money needs a database that keeps tenants apart by itself, which it does not do for those who own it.
    func refusePrivilegedRole() async throws(Failure) {
        guard let database = database.base as? PostgreSQLDatabase else { return }
        let role: String?
        do {
            role = try await database.privilegedRole()
        } catch {
            throw Failure("cannot look up the rights of the database role: \(error)")
        }
        guard let role else { return }
        throw Failure(
            "the database role \(role) is past row-level security (owner, superuser or BYPASSRLS): connect as panelhost_app after "
                + "'panelhost migrate up', or use --development on a test machine")
    }
}
