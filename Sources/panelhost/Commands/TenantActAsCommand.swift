// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import FoundationEssentials
import Host
import Security
import Storage

extension TenantCommand {
    struct ActAs: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "act-as", abstract: "Show, allow or forbid that operators act in a tenant.",
            discussion: """
                Operators act in a tenant by POST /v1/auth/act-as only: for a reason, for an hour at most, with the rights of one role of the tenant's
                policy, and each act stands in the tenant's trail. Forbidding ends what runs. Without --allow or --forbid this shows how it is, and
                the latest acts.
                """)

        @Argument(help: "The tenant's short name.")
        var slug: String

        @Flag(name: .long, help: "Let operators act in the tenant.")
        var allow = false

        @Flag(name: .long, help: "Forbid it, and end what runs.")
        var forbid = false

        @Option(name: .long, help: "With --allow: the role of the tenant's policy that they act with.")
        var role = TenantRecord.defaultOperatorRole

        @OptionGroup var options: DataOptions

        func validate() throws {
            guard !(allow && forbid) else { throw ValidationError("say either --allow or --forbid") }
        }

        func run() async throws {
            let installation = try await Installation(at: options.location, creating: false)
            let tenant = try await installation.tenant(slug)
            let access = OperatorAccess(
                database: installation.database, authenticator: try installation.authenticator(), authority: installation.authority)
            if allow || forbid {
                let permit = installation.authority.permit(.roleManage, in: tenant.id, as: "cli")
                _ = try await access.set(allow ? role : nil, permit, .commandLine)
            }
            let view = try await access.show(installation.authority.permit(.roleRead, in: tenant.id, as: "cli"))
            Console.line("operators act as\t\(view.role ?? "(forbidden)")")
            for act in view.acts {
                let begun = Date(timeIntervalSince1970: Double(act.createdAt) / 1000).formatted(.iso8601)
                let now = WallClock.system.now()
                let state = act.endedAt != nil || act.expiresAt <= now ? "ended" : "RUNS"
                Console.line("\(begun)\t\(state)\tuser:\(act.user)@platform\t\(act.reasonEvent)\t\(act.reason)")
            }
        }
    }
}
