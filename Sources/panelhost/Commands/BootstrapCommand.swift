// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import Host
import Security
import Storage

struct BootstrapCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bootstrap", abstract: "Print the token that makes the first operator.",
        discussion: """
            There is no account to start with and no password that anybody could know. The token is good for 15 minutes and one use, and only
            as long as nobody is SUPER_ADMIN; printing another one voids it:

              curl -d '{"token": "…", "email": "you@panel.example", "password": "…"}' \\
                -H 'content-type: application/json' https://your-panel.example/v1/auth/bootstrap
            """)

    @OptionGroup var options: DataOptions

    func run() async throws {
        let installation = try await Installation(at: options.location, creating: true)
        let platform = try await installation.tenant(TenantSlug.platform.description)
        let token = try await installation.accounts().bootstrapToken(in: platform.id, origin: .commandLine)
        Console.error("the token for POST /v1/auth/bootstrap, good for 15 minutes; it is shown only now:")
        Console.line(token.revealedText() ?? "")
    }
}
