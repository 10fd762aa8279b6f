// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import Glibc
import Security
import Storage

struct AuthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "auth", abstract: "Set up how passwords are checked.", subcommands: [Calibrate.self])

    struct Calibrate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Measure what argon2id may cost on this machine.",
            discussion: """
                Raises the memory and then the passes until a hash takes as long as it should; never under m=19456 KiB, t=2, p=1. With --save
                every host of the installation uses the cost from its next start on, and each password is hashed anew when its owner signs
                in. Run it on the slowest host, while it is quiet.
                """)

        @Option(name: .long, help: "How long a hash may take, in milliseconds.")
        var target = 150

        @Option(name: .long, help: "MiB that all hashes at once may take; each processor core makes one.")
        var memory = 256

        @Flag(name: .long, help: "Store the cost for every host of the installation.")
        var save = false

        @OptionGroup var options: DataOptions

        func run() async throws {
            guard (10...5000).contains(target) else { throw ValidationError("--target: use 10 to 5000 milliseconds") }
            guard (32...65_536).contains(memory) else { throw ValidationError("--memory: use 32 to 65536 MiB") }
            // Opened first: what is wrong with it is better known before a minute of measuring.
            let installation = save ? try await Installation(at: options.location, creating: false) : nil
            let cores = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
            let limit = UInt32(memory * 1024 / cores)
            Console.line("looking for a hash of at most \(target) ms and \(limit) KiB, one on each of \(cores) cores:")
            let cost = PasswordCalibration.run(target: .milliseconds(target), memoryLimit: max(limit, PasswordCost.floor.memory)) { found in
                Console.line("  \(found.cost)\t\(Self.milliseconds(found.time)) ms")
            }
            Console.line("cost: \(cost)")
            guard let installation else {
                Console.line("not stored; --save makes every host of an installation use it")
                return
            }
            let now = WallClock.system.now()
            try await installation.database.platform(installation.authority.platform("calibrate passwords")) { tx in
                try InstallationSettings(tx).set(
                    .passwordCost, cost.description, action: "auth.calibrate", by: "system:cli", correlation: CallID.make().description,
                    at: now)
            }
            Console.line("stored; hosts use it from their next start on (it was \(installation.passwordCost))")
        }

        private static func milliseconds(_ time: Duration) -> Int64 {
            time.components.seconds * 1000 + time.components.attoseconds / 1_000_000_000_000_000
        }
    }
}
