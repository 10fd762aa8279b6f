// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// The walls around a cell, as the kernel here allowed them.
package struct SandboxLayers: OptionSet, Sendable, Hashable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// A white list of system calls.
    package static let seccomp = SandboxLayers(rawValue: 1)
    /// Nothing that the cell starts can gain privileges.
    package static let noNewPrivileges = SandboxLayers(rawValue: 2)
    /// Limits on address space, processor, files, processes.
    package static let resourceLimits = SandboxLayers(rawValue: 4)
    /// No descriptor but the socket to the host.
    package static let closedDescriptors = SandboxLayers(rawValue: 8)
    /// A user namespace of its own.
    package static let userNamespace = SandboxLayers(rawValue: 16)
    /// A network namespace of its own, without interfaces.
    package static let networkNamespace = SandboxLayers(rawValue: 32)
    /// A mount namespace of its own.
    package static let mountNamespace = SandboxLayers(rawValue: 64)
    /// Landlock with no rule: no file can be opened.
    package static let landlock = SandboxLayers(rawValue: 128)
    /// Its memory cannot be read or traced by others of the same user.
    package static let notDumpable = SandboxLayers(rawValue: 256)

    /// Without these the load-bearing wall does not stand.
    package static let production: SandboxLayers = [.seccomp, .noNewPrivileges]

    /// Every layer there is, with its name for people, strongest first.
    package static let named: [(layer: SandboxLayers, name: String)] = [
        (.seccomp, "seccomp"),
        (.noNewPrivileges, "no_new_privs"),
        (.resourceLimits, "resource limits"),
        (.closedDescriptors, "closed descriptors"),
        (.notDumpable, "not dumpable"),
        (.userNamespace, "user namespace"),
        (.networkNamespace, "network namespace"),
        (.mountNamespace, "mount namespace"),
        (.landlock, "Landlock"),
    ]

    /// The names of the layers in this set.
    package var names: [String] { Self.named.filter { contains($0.layer) }.map(\.name) }
}

extension SandboxLayers: CustomStringConvertible {
    /// `seccomp, no_new_privs`.
    package var description: String { names.isEmpty ? "none" : names.joined(separator: ", ") }
}
