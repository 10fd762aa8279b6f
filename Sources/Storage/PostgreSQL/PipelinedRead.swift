// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Synchronization

/// One read statement of one tenant, and who waits for its rows.
final class PipelinedRead: Sendable {
    let tenant: String
    let sql: String
    let parameters: [SQLValue]
    let deadline: ContinuousClock.Instant

    private enum Phase {
        case new, waiting(CheckedContinuation<[Row], any Error>), over
    }

    private let phase = Mutex(Phase.new)

    init(tenant: String, sql: String, parameters: [SQLValue], deadline: ContinuousClock.Instant) {
        self.tenant = tenant
        self.sql = sql
        self.parameters = parameters
        self.deadline = deadline
    }

    /// Whether nobody waits any more.
    var isOver: Bool {
        phase.withLock { phase in
            if case .over = phase { true } else { false }
        }
    }

    func wait(_ submit: () -> Void) async throws -> [Row] {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isCancelled = phase.withLock { phase in
                    guard case .new = phase else { return true }
                    phase = .waiting(continuation)
                    return false
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) } else { submit() }
            }
        } onCancel: {
            // The rows may still come; nobody takes them.
            finish(.failure(CancellationError()))
        }
    }

    func finish(_ result: Result<[Row], any Error>) {
        let continuation: CheckedContinuation<[Row], any Error>? = phase.withLock { phase in
            defer { phase = .over }
            if case .waiting(let continuation) = phase { return continuation }
            return nil
        }
        continuation?.resume(with: result)
    }

    /// What goes before the statement: its transaction is over with the group, and with it these settings.
    func scope(_ isolation: RowIsolation) -> (sql: String, parameters: [SQLValue]) {
        switch isolation {
        case .off: ("SELECT set_config('transaction_read_only', 'on', true)", [])
        case .on(changesRole: true):
            (
                "SELECT set_config('transaction_read_only', 'on', true), set_config('role', 'panelhost_app', true), "
                    + "set_config('app.tenant', $1, true)",
                [.text(tenant)]
            )
        case .on(changesRole: false):
            ("SELECT set_config('transaction_read_only', 'on', true), set_config('app.tenant', $1, true)", [.text(tenant)])
        }
    }
}
