// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
package import Values

/// One version of a plugin as the host installed it; belongs to no tenant.
package struct InstalledPlugin: Sendable, Hashable {
    package var id: PluginID
    package var version: String
    /// SHA-256 of the archive: what tenants pin.
    package var hash: String
    package var kind: String
    package var name: String
    /// The manifest's own text, as it was signed.
    package var manifest: String
    package var isSigned: Bool
    package var installedAt: Int64
    package var installedBy: String

    package init(
        id: PluginID, version: String, hash: String, kind: String, name: String, manifest: String,
        isSigned: Bool, installedAt: Int64, installedBy: String
    ) {
        self.id = id
        self.version = version
        self.hash = hash
        self.kind = kind
        self.name = name
        self.manifest = manifest
        self.isSigned = isSigned
        self.installedAt = installedAt
        self.installedBy = installedBy
    }
}

/// One file of an installed plugin.
package struct PluginFile: Sendable, Hashable {
    package var path: String
    package var sha256: String
    package var content: [UInt8]

    package init(path: String, sha256: String, content: [UInt8]) {
        self.path = path
        self.sha256 = sha256
        self.content = content
    }
}

/// What one tenant decided about one plugin.
package struct TenantPlugin: Sendable, Hashable {
    package enum Status: String, Sendable, Hashable {
        case enabled, disabled, quarantined
    }

    package var plugin: PluginID
    package var version: String
    /// The content that the tenant's administrator looked at; another content needs another decision.
    package var hash: String
    package var status: Status
    /// The capabilities that the administrator approved, in their JSON form.
    package var approved: Value
    /// Goes up with every change.
    package var revision: Int64
    package var createdAt: Int64
    package var updatedAt: Int64
    package var updatedBy: String
}

/// A plugin as configured once: one tenant may have the same gateway twice, under two labels.
package struct PluginInstance: Sendable, Hashable {
    package static let defaultLabel = "default"

    package var id: InstanceID
    package var plugin: PluginID
    package var label: String
    package var createdAt: Int64
}

/// One stored field of an instance's configuration.
package struct PluginConfigField: Sendable, Hashable {
    package enum Content: Sendable, Hashable {
        case plain(Value)
        /// `fingerprint` lets an administrator recognise a secret that nobody can read any more.
        case sealed(Sealed, fingerprint: String)
    }

    package var field: String
    package var content: Content
    package var updatedAt: Int64
    package var updatedBy: String

    package init(field: String, content: Content, updatedAt: Int64, updatedBy: String) {
        self.field = field
        self.content = content
        self.updatedAt = updatedAt
        self.updatedBy = updatedBy
    }
}
