// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import Security
import Storage
import Synchronization
import Values

extension KeysCommand {
    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what keys there are, what wraps them and what is due.", discussion: "Shows ids and counts, never a key.")

        @OptionGroup var options: DataOptions

        func run() async throws {
            let installation = try await Installation(at: options.location, creating: false)
            let status = try await KeyStatus(installation.database, installation.authority)
            showRoots(installation, status)
            showHostKeys(status)
            for tenant in status.tenants { show(tenant) }
            for job in status.jobs {
                let end = job.state == .done ? "done" : "INTERRUPTED or running: run it again to go on"
                Console.line("\(job.name.rawValue): \(end), \(job.done) of \(job.total), \(job.changed) changed, \(age(job.updatedAt)) ago")
            }
        }

        private func showRoots(_ installation: Installation, _ status: KeyStatus) {
            Console.line("root keys from the \(installation.rootKeys.source):")
            for (index, id) in installation.keys.ids.enumerated() {
                let count = status.roots[id] ?? 0
                let state =
                    switch (index, count) {
                    case (0, _): "writes, wraps \(count) keys"
                    case (_, 0): "wraps nothing: 'panelhost keys drop-root \(id)' takes it out"
                    default: "reads, wraps \(count) keys: 'panelhost keys rewrap' moves them"
                    }
                Console.line("  \(id)  \(state)")
            }
        }

        private func showHostKeys(_ status: KeyStatus) {
            let now = WallClock.system.now()
            for kind in HostKeyKind.allCases {
                for key in status.hostKeys where key.kind == kind {
                    var state = key.notBefore > now ? "starts in \((key.notBefore - now) / 1000) s" : "\(age(key.notBefore)) old"
                    if let retired = key.retiredAt {
                        state += retired > now ? ", accepted for \((retired - now) / 1000) s more" : ", retired"
                    }
                    if key.wrapped.isEmpty { state += ", secret half destroyed" }
                    if let count = status.peppers[key.id] { state += ", under \(count) passwords" }
                    Console.line("\(kind.rawValue) version \(key.version)  \(key.id)  \(state)")
                    if let publicKey = key.publicKey { Console.line("  public key \(publicKey)") }
                }
            }
        }

        private func show(_ tenant: KeyStatus.Tenant) {
            guard !tenant.groups.isEmpty else { return }
            Console.line("tenant \(tenant.slug): tenant key version \(tenant.version)")
            for group in tenant.groups {
                var parts = ["\(group.count) \(group.kind) key\(group.count == 1 ? "" : "s")", "oldest \(age(group.oldest))"]
                if group.erased > 0 { parts.append("\(group.erased) erased") }
                if group.outdated > 0 { parts.append("\(group.outdated) under an old tenant key: 'panelhost keys rewrap'") }
                let percent = Double(group.mostUses) * 100 / Double(KeyUseLimits().soft)
                if percent >= 0.1 { parts.append("most used at \(Int(percent)) % of its soft limit") }
                Console.line("  " + parts.joined(separator: ", "))
            }
        }

        private func age(_ time: Int64) -> String {
            let seconds = max(0, WallClock.system.now() - time) / 1000
            if seconds < 120 { return "\(seconds) s" }
            if seconds < 7200 { return "\(seconds / 60) min" }
            return seconds < 172_800 ? "\(seconds / 3600) h" : "\(seconds / 86_400) d"
        }
    }
}

/// Shows how far a job is, once a second at most.
final class ProgressOfJob: Sendable {
    private let shown = Mutex<ContinuousClock.Instant?>(nil)

    func show(_ job: KeyJob) {
        let now = ContinuousClock.now
        let isDue = shown.withLock { shown in
            if let last = shown, now - last < .seconds(1) { return false }
            shown = now
            return true
        }
        if isDue { Console.error(line(job)) }
    }

    func end(_ job: KeyJob) { Console.line("\(line(job)); done") }

    private func line(_ job: KeyJob) -> String {
        "\(job.name.rawValue): \(job.done) of \(job.total) (\(job.total == 0 ? 100 : job.done * 100 / job.total) %), \(job.changed) changed"
    }
}
