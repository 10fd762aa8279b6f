// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Sandbox
import Testing
import Values

@Suite("Sandbox", .timeLimit(.minutes(1)))
struct SandboxTests {
    @Test("calls an operation and brings its value back")
    func calls() async throws {
        try await withSandbox { sandbox in
            let request: Value = ["text": "häuser", "n": -3, "f": 0.5, "list": [1, [2]], "raw": .bytes([0xFF, 0])]

            let value = try await sandbox.call("return { op = function(ctx, req) return { ok = true, echo = req } end }", "op", request)

            #expect(value == ["ok": true, "echo": request])
        }
    }
}
