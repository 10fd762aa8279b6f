// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Logging
import Sandbox
import Values

/// A sandbox and the functions that are called in it.
struct Bench: Sendable {
    static let source = """
        return {
          empty = function(ctx, req) return {} end,
          one = function(ctx, req) ctx.storage.get("k") return {} end,
          three = function(ctx, req) ctx.storage.get("k") ctx.storage.get("k") ctx.storage.get("k") return {} end,
          loop = function(ctx, req)
            local sum = 0
            for i = 1, 2000000 do sum = sum + i % 7 end
            return { sum = sum }
          end,
        }
        """

    let sandbox: Sandbox

    init(executable: String, maximumCells: Int = 512) async throws(SandboxError) {
        var configuration = SandboxConfiguration(cellExecutable: executable, requiredLayers: [], maximumCells: maximumCells)
        configuration.idleTime = .seconds(600)
        sandbox = try await Sandbox.start(configuration, logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Calls one of the functions in the cell of that owner.
    @discardableResult
    func call(_ operation: String, owner: String = "bench", program: String = "bench") async throws(SandboxError) -> Receipt {
        let outcome = await sandbox.invoke(
            CellKey(tenant: owner, partition: owner, program: program),
            program: Program(hash: program, entry: "main.lua", files: [("main.lua", Array(Self.source.utf8))]),
            operation: operation, request: [:], context: Self.context, budget: InvocationBudget(cpu: .seconds(5)), onLog: { _ in },
            onHostCall: { _ in .value("value") })
        _ = try outcome.result.get()
        return outcome.receipt
    }

    /// What the host really sends with a call.
    private static let context = CallContext(
        fields: [
            "call_id": "01936b1e-7c00-7000-8000-000000000001", "tenant_id": "01936b1e-7c00-7000-8000-000000000002", "plugin_id": "bench",
            "instance_id": "01936b1e-7c00-7000-8000-000000000003", "mode": "test", "attempt": 1, "idempotency_key": "3k6yq2m1",
            "deadline_ms": 1_764_000_000_000, "now_ms": 1_764_000_000_000, "locale": "en", "correlation_id": "c-1",
            "config": ["statement": "ACME", "capture": "automatic"],
        ], declaredSecrets: ["api_key"], setSecrets: ["api_key"], functions: ["storage.get", "storage.set", "http.request", "crypto.hmac"])
}
