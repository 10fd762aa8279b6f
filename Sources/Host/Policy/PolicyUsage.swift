// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Logging
package import Security
import ServiceLifecycle
package import Storage
internal import Synchronization

/// Counts which parts of the policies decisions come by, so that what nobody needs can be found.
///
/// A request only leaves its question; which rule decided is worked out, and written, once in a while. What a host that dies had not written
/// is lost, and so is what goes beyond the bounds: a part that is used comes again.
package final class PolicyUsage: Service {
    private struct State {
        var questions: [TenantID: PolicyQuestions] = [:]
        var count = 0
    }

    /// Different questions that are kept, over all tenants.
    private static let most = 20_000
    /// Days that counts are kept.
    private static let memory: Int64 = 400

    private let state = Mutex(State())
    private let database: any Database
    private let authority: SystemAuthority
    private let clock: HostClock
    private let logger: Logger
    private let interval: Duration

    package init(
        database: any Database, authority: SystemAuthority, clock: HostClock, logger: Logger, interval: Duration = .seconds(60)
    ) {
        (self.database, self.authority, self.clock, self.logger, self.interval) = (database, authority, clock, logger, interval)
    }

    /// Leaves the question behind a decision.
    package func note(_ principal: Principal, _ action: Action, on resource: Resource?) {
        guard principal.user != nil else { return }
        state.withLock { state in
            guard state.count < Self.most else { return }
            let before = state.questions[principal.tenant]?.count ?? 0
            if !principal.permissions.note(action, on: resource, in: &state.questions[principal.tenant]) {
                // The policy has changed since: what was asked of the one before tells less than what comes now.
                state.questions[principal.tenant] = nil
                _ = principal.permissions.note(action, on: resource, in: &state.questions[principal.tenant])
            }
            state.count += (state.questions[principal.tenant]?.count ?? 0) - before
        }
    }

    /// Works out and writes what has been asked since the last time.
    package func flush() async {
        let taken = state.withLock { state in
            defer { state = State() }
            return state.questions
        }
        let now = clock.nowMilliseconds()
        let day = PolicyUsageRepository.day(of: now)
        for (tenant, questions) in taken.sorted(by: { $0.key < $1.key }) {
            let uses = questions.uses(at: now)
            guard !uses.isEmpty else { continue }
            do {
                try await database.transaction(authority.permit(.roleRead, in: tenant, as: "policy usage").scope) { tx in
                    try PolicyUsageRepository(tx).add(uses, on: day)
                    try PolicyUsageRepository(tx).forget(before: day - Self.memory)
                }
            } catch {
                logger.warning("which rules were used was not written down", metadata: ["error": .string("\(type(of: error))")])
            }
        }
    }

    /// Writes once in a while until the group shuts down, and then once more.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                // Cancellation only ends the pause.
                try? await Task.sleep(for: self.interval)
                if !Task.isCancelled { await self.flush() }
            }
        }
        await flush()
    }
}
