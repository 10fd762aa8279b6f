// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import CPostgres

/// Where the database is: a `postgres://` URL, read by libpq itself, with what the driver adds to it.
///
/// It holds the password, so it has no description.
struct PostgresAddress: Sendable {
    /// libpq's keywords and their values.
    private(set) var keywords: [String: String]

    /// - Throws: what is wrong with the URL, without repeating it: it may hold a password.
    init(url: String, options: PostgreSQLOptions) throws(StorageError) {
        guard url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") else {
            throw StorageError(.unavailable, "the database URL does not begin with postgres://")
        }
        var message: UnsafeMutablePointer<CChar>?
        let parsed = PQconninfoParse(url, &message)
        // libpq's own message quotes the URL.
        if let message { PQfreemem(message) }
        guard let parsed else {
            throw StorageError(.unavailable, "the database URL is malformed: write postgres://user@host1,host2/name?sslmode=verify-full")
        }
        defer { PQconninfoFree(parsed) }
        keywords = [:]
        var option = parsed
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { keywords[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        try requireEncryption(options)
        addDefaults()
    }

    /// Whether a connection stays on this machine.
    var isLocal: Bool { hosts.allSatisfy(Self.isLocal) }

    private var hosts: [String] {
        let named = keywords["hostaddr"] ?? keywords["host"] ?? ""
        return named.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }

    private static func isLocal(_ host: String) -> Bool {
        host.isEmpty || host.hasPrefix("/") || host.hasPrefix("@") || host == "localhost" || host == "::1" || host.hasPrefix("127.")
    }

    /// Anything below verify-full can be read or answered by whoever sits on the way.
    private func requireEncryption(_ options: PostgreSQLOptions) throws(StorageError) {
        guard !isLocal, keywords["sslmode"] != "verify-full", !options.isDevelopment else { return }
        throw StorageError(
            .unavailable,
            "the database is on another machine and its URL does not ask for sslmode=verify-full: add it, with sslrootcert=FILE for your own "
                + "authority, or use --development on a test machine")
    }

    private mutating func addDefaults() {
        let defaults = [
            // Of several hosts the one that is not a standby; a role that may only read is welcome there too.
            "connect_timeout": "5", "application_name": "panelhost", "target_session_attrs": "primary",
            // A peer that vanished without a word is noticed within half a minute.
            "keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "3", "tcp_user_timeout": "20000",
        ]
        // libpq has filled in its own "any" where the URL says nothing.
        if keywords["target_session_attrs"] == "any" { keywords["target_session_attrs"] = nil }
        keywords.merge(defaults) { said, _ in said }
        keywords["client_encoding"] = "UTF8"
    }
}
