// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import Synchronization
import Testing

/// The engine that a test runs on.
enum Engine: String, CaseIterable, Sendable {
    case sqlite, postgresql

    @TaskLocal static var current = Engine.sqlite
}

/// Runs each test once per engine; without a PostgreSQL server on the machine only on SQLite, and says so.
struct EveryEngine: SuiteTrait, TestTrait, TestScoping {
    let engines: [Engine]
    var isRecursive: Bool { true }

    /// Around every case of a test, not around the suite.
    func scopeProvider(for test: Test, testCase: Test.Case?) -> EveryEngine? { testCase == nil ? nil : self }

    func provideScope(for test: Test, testCase: Test.Case?, performing function: @Sendable @concurrent () async throws -> Void) async throws
    {
        for engine in engines {
            if engine == .postgresql, await TestServer.shared() == nil {
                Skipped.count()
                continue
            }
            try await Engine.$current.withValue(engine) { try await function() }
        }
    }
}

extension Trait where Self == EveryEngine {
    /// On SQLite and on PostgreSQL.
    static var everyEngine: EveryEngine { EveryEngine(engines: Engine.allCases) }
    static var onPostgreSQL: EveryEngine { EveryEngine(engines: [.postgresql]) }
}

/// How many runs were left out, said once at the end.
enum Skipped {
    private static let number = Mutex(0)

    static func count() {
        let isFirst = number.withLock { number in
            number += 1
            return number == 1
        }
        if isFirst {
            atexit {
                let number = Skipped.number.withLock { $0 }
                print("skipped: \(number) runs on PostgreSQL, no server is installed; run scripts/setup postgres")
            }
        }
    }
}
