// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import Security
import Storage
import Values

extension KeysCommand {
    struct Rotate: AsyncParsableCommand {
        enum What: String, ExpressibleByArgument, CaseIterable {
            case root, tenant, jwt, device, pepper, audit
        }

        static let configuration = CommandConfiguration(
            abstract: "Make a new version of a key; what the old one closed still opens.",
            discussion: """
                root    a new root key in front of the ring; then run 'keys rewrap'
                tenant  new tenant and data keys; then 'keys rewrap', and 'keys reencrypt' if rows must move as well
                jwt     new keys for access and refresh tokens; nobody is signed out. With --algorithm ES256 or EdDSA other systems check
                        access tokens by /.well-known/jwks.json, where a new key stands ten minutes before it signs
                device  a new key for device cookies; with --now every device is a new one and none is trusted
                pepper  passwords are hashed anew at each user's next sign-in
                audit   a new key for audit checkpoints; the old public key stays good for what it signed
                """)

        @Argument(help: "root, tenant, jwt, device, pepper or audit.")
        var what: What

        @Option(name: .long, help: ArgumentHelp("Only this tenant's keys; all tenants otherwise.", valueName: "slug"))
        var tenant: String?

        @Flag(name: .long, help: "After a leak, for jwt and device: what the old key signed is refused at once.")
        var now = false

        @Option(name: .long, help: ArgumentHelp("For jwt: HS256, ES256 or EdDSA; as before unless given.", valueName: "name"))
        var algorithm: TokenAlgorithm?

        @OptionGroup var options: DataOptions

        func validate() throws {
            if algorithm != nil, what != .jwt { throw ValidationError("--algorithm goes with 'rotate jwt' only") }
            if tenant != nil, what != .tenant { throw ValidationError("--tenant goes with 'rotate tenant' only") }
            if now, what != .jwt, what != .device { throw ValidationError("--now goes with 'rotate jwt' and 'rotate device' only") }
        }

        func run() async throws {
            let installation = try await Installation(at: options.location, creating: false)
            switch what {
            case .root: try await rotateRoot(installation)
            case .tenant: try await rotateTenants(installation)
            case .jwt: try await rotateTokenKeys(installation)
            case .device:
                let version = try await installation.hostKeys.rotate(.device, by: "system:cli", isImmediate: now).version
                Console.line(
                    now
                        ? "device key version \(version) signs now; devices known by older ones are new at their next sign-in"
                        : "device key version \(version) signs cookies from now on; older ones are good until they end")
            case .pepper:
                let version = try await installation.hostKeys.rotate(.pepper, by: "system:cli").version
                Console.line("pepper version \(version): each password is hashed anew at its next sign-in; older peppers stay")
            case .audit:
                let version = try await installation.hostKeys.rotate(.audit, by: "system:cli").version
                Console.line(
                    "audit key version \(version) signs checkpoints from now on; give this public key to your auditors, beside the old:")
                for key in try await installation.auditSigners().load().verifiers.prefix(1) { Console.line(key.description) }
            }
        }

        private func rotateTokenKeys(_ installation: Installation) async throws {
            let form = algorithm.map(\.form)
            let (version, begin) = try await installation.hostKeys.rotate(.accessToken, to: form, by: "system:cli", isImmediate: now)
            try await installation.hostKeys.rotate(.refresh, by: "system:cli", isImmediate: false)
            let seconds = max(0, begin - WallClock.system.now() + 999) / 1000
            Console.line(
                now
                    ? "token key version \(version) signs now; tokens under older ones are refused within 5 seconds on every host"
                    : "token key version \(version) signs in \(seconds) seconds, when everybody knows it; older tokens are good until they expire"
            )
            Console.error(
                "hosts that run with JWT_SECRET sign with it and accept it all the same: it is changed there, as docs/keys.md says")
        }

        private func rotateTenants(_ installation: Installation) async throws {
            let all = try await installation.tenants()
            let chosen = if let tenant { [try await installation.tenant(tenant)] } else { all }
            for tenant in chosen {
                let (version, count) = try await installation.tenantKeys(tenant.id).rotate()
                Console.line(
                    version == 0
                        ? "\(tenant.slug): has no keys yet"
                        : "\(tenant.slug): tenant key version \(version), \(count) data keys with a new version")
            }
            Console.line("next: 'panelhost keys rewrap'; and 'panelhost keys reencrypt' if what is stored must leave the old keys")
        }

        private func rotateRoot(_ installation: Installation) async throws {
            let old = installation.keys.ids.first ?? ""
            do {
                if let id = try installation.rootKeys.addRoot() {
                    try await installation.recordForOperators("key.rotate_root", ["root": .string(id), "before": .string(old)])
                    Console.line("root key \(id) is in front of \(installation.keyFile), and \(old) stays behind it to read with")
                    Console.line("1. back the file up, and copy it to every other host of this installation")
                    Console.line("2. 'panelhost keys rewrap': running hosts follow by themselves")
                    Console.line("3. 'panelhost keys drop-root \(old)' when it says so")
                    return
                }
            } catch {
                throw Failure("\(error)")
            }
            let (id, entry) = RootKeys.newEntry()
            Console.error(
                "the ring comes from the \(installation.rootKeys.source), which this program cannot change. A new entry, shown only now:")
            Console.line(entry.revealedText() ?? "")
            Console.error(
                """
                1. put it behind the other entries and restart every host, so that all of them can read with it
                2. move it to the front and restart every host, so that all of them write with it
                3. 'panelhost keys rewrap'; 'panelhost keys status' says when \(old) wraps nothing
                4. take \(old) out and restart every host. Keep it with the backups that were made before
                A host that starts without a root key which is still needed says so and does not serve; \(id) is the new one's id.
                """)
        }
    }
}

extension Installation {
    /// Records what an operator did to the whole installation.
    func recordForOperators(_ action: String, _ detail: [String: Value]) async throws {
        let platform = try await tenant(TenantSlug.platform.description)
        try await database.platform(authority.platform(action)) { tx in
            try tx.append(
                AuditEvent(
                    tenant: platform.id, actor: "system:cli", action: action, resource: "keys", outcome: .success, detail: detail,
                    correlation: CallID.make().description))
        }
    }
}

extension TokenAlgorithm: ExpressibleByArgument {}
