// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Synchronization

/// One read statement, and who waits for its rows.
final class PipelinedRead: Sendable {
    /// Whose rows it may see.
    enum Rows: Sendable, Hashable {
        case tenant(String)
        case platform

        var isOneTenants: Bool { self != .platform }
    }

    let rows: Rows
    let sql: String
    let parameters: [SQLValue]
    let deadline: ContinuousClock.Instant

    private enum Phase {
        case new
        case answered(Result<[Row], any Error>)
        case waiting(CheckedContinuation<[Row], any Error>)
        case over
    }

    private let phase = Mutex(Phase.new)

    init(rows: Rows, sql: String, parameters: [SQLValue], deadline: ContinuousClock.Instant) {
        self.rows = rows
        self.sql = sql
        self.parameters = parameters
        self.deadline = deadline
    }

    /// Whether nobody waits any more, or will.
    var isOver: Bool {
        phase.withLock { phase in
            switch phase {
            case .over, .answered: true
            case .new, .waiting: false
            }
        }
    }

    /// The answer if there is one already, which nobody else takes then.
    func takeAnswer() -> Result<[Row], any Error>? {
        phase.withLock { phase in
            guard case .answered(let result) = phase else { return nil }
            phase = .over
            return result
        }
    }

    func wait(_ submit: () -> Void) async throws -> [Row] {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result: Result<[Row], any Error>? = phase.withLock { phase in
                    switch phase {
                    case .new:
                        phase = .waiting(continuation)
                        return nil
                    case .answered(let result):
                        phase = .over
                        return result
                    case .waiting, .over: return .failure(CancellationError())
                    }
                }
                if let result { continuation.resume(with: result) } else { submit() }
            }
        } onCancel: {
            // The rows may still come; nobody takes them.
            finish(.failure(CancellationError()))
        }
    }

    func finish(_ result: Result<[Row], any Error>) {
        let continuation: CheckedContinuation<[Row], any Error>? = phase.withLock { phase in
            switch phase {
            case .new:
                phase = .answered(result)
                return nil
            case .waiting(let continuation):
                phase = .over
                return continuation
            case .answered, .over: return nil
            }
        }
        continuation?.resume(with: result)
    }

    /// What goes before the statement: its transaction is over with the group, and with it these settings.
    func scope(_ isolation: RowIsolation) -> (sql: String, parameters: [SQLValue]) {
        switch (isolation, rows) {
        case (.off, _): ("SELECT set_config('transaction_read_only', 'on', true)", [])
        case (.on(changesRole: true), .tenant(let tenant)):
            (
                "SELECT set_config('transaction_read_only', 'on', true), set_config('role', 'panelhost_app', true), "
                    + "set_config('app.tenant', $1, true)",
                [.text(tenant)]
            )
        case (.on(changesRole: false), .tenant(let tenant)):
            ("SELECT set_config('transaction_read_only', 'on', true), set_config('app.tenant', $1, true)", [.text(tenant)])
        case (.on, .platform):
            ("SELECT set_config('transaction_read_only', 'on', true), set_config('role', 'panelhost_platform', true)", [])
        }
    }
}
