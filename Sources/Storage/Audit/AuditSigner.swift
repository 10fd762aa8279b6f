// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

/// The keys that audit checkpoints are signed and checked with, as they are now.
package struct AuditSigner: Sendable {
    private let signer: NoteSigner
    /// What verifies the logs of this installation, the key in use first.
    package let verifiers: [NoteVerifier]

    /// - Parameter retired: keys that signed before.
    package init(_ signer: NoteSigner, retired: [NoteVerifier] = []) {
        self.signer = signer
        verifiers = [signer.verifier] + retired.filter { $0 != signer.verifier }
    }

    /// The name of the installation's logs: the forest's own, and the beginning of each trail's.
    package var name: LogName { signer.name }

    func origin(of source: AuditTree.Source) throws -> LogName {
        guard case .trail(let tenant) = source else { return name }
        guard let origin = name.tenant(tenant) else { throw StorageError(.failed, "the name of the audit log is too long") }
        return origin
    }

    func sign(_ frontier: MerkleFrontier, of source: AuditTree.Source) throws -> SignedNote {
        guard let checkpoint = Checkpoint(origin: try origin(of: source), size: frontier.size, root: frontier.root) else {
            throw StorageError(.failed, "a tree has a negative size")
        }
        return try signer.sign(checkpoint)
    }

    /// The checkpoint that a stored note speaks of; throws unless it is signed and of this tree.
    func open(_ note: String, of source: AuditTree.Source) throws -> Checkpoint {
        let checkpoint = try SignedNote(parsing: note).checkpoint(with: verifiers)
        guard checkpoint.origin == (try origin(of: source)) else { throw NoteError.foreignOrigin }
        return checkpoint
    }
}

/// Where the keys come from; asked before each batch, so that a rotated key is used at once.
package struct AuditSigners: Sendable {
    package let load: @Sendable () async throws -> AuditSigner

    package init(_ load: @escaping @Sendable () async throws -> AuditSigner) { self.load = load }

    /// The keys of an installation.
    ///
    /// - Parameter installation: its own tenant, which gives the logs their name.
    package init(_ keys: AuditSigningKeys, installation: TenantID) {
        self.init {
            guard let name = LogName("panelhost/\(installation)") else { throw NoteError.malformedKey }
            let (current, all) = (try await keys.current(), await keys.all())
            return AuditSigner(NoteSigner(name: name, key: current.signer), retired: all.compactMap { $0.verifier(name) })
        }
    }
}
