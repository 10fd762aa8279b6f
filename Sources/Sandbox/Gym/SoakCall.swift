// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

/// One call of a soak: what is asked, and what must come of it. Both follow from the seed and the call's number.
struct SoakCall: Sendable {
    private enum Kind: String { case answer, wait, raise, loop, hoard }

    static let source = """
        local calls = 0
        local function work(req)
          calls = calls + 1
          local a, b = 0, 1
          for _ = 1, req.n do a, b = b, (a + b) % 1000003 end
          return a
        end
        return {
          answer = function(ctx, req) return { calls = 1, sum = work(req) } end,
          wait = function(ctx, req)
            local before = work(req)
            return { calls = calls, sum = before, stored = ctx.storage.get("k" .. req.n) }
          end,
          raise = function(ctx, req) error("as planned " .. work(req)) end,
          loop = function(ctx, req) while true do pcall(work, req) end end,
          hoard = function(ctx, req) local t = {} while true do t[#t + 1] = ("x"):rep(1000) .. work(req) end end,
        }
        """

    private let kind: Kind
    private let n: Int

    init(_ number: Int, seed: UInt64) {
        var random = SeededRandom(seed, number)
        kind =
            switch Int.random(in: 0..<1000, using: &random) {
            case 0..<5: .loop
            case 5..<10: .hoard
            case 10..<50: .raise
            case 50..<150: .wait
            default: .answer
            }
        n = Int.random(in: 0..<90, using: &random)
    }

    var operation: String { kind.rawValue }
    var request: Value { ["n": Value(n)] }
    var budget: InvocationBudget { InvocationBudget(cpu: .milliseconds(kind == .loop ? 10 : 200), wall: .seconds(60), memory: 1 << 20) }

    static let context = CallContext(fields: ["call_id": "soak"], functions: ["storage.get"])

    /// Answers after a moment, so that cells also die while their calls wait.
    func reply(_ call: HostCall) async -> HostReply {
        try? await Task.sleep(for: .milliseconds(n % 4))
        return .value(call.arguments.first ?? .null)
    }

    /// Nil when it came as it must; else what came.
    func problem(_ result: Result<Value, SandboxError>) -> String? {
        switch (kind, result) {
        case (.answer, .success(["calls": 1, "sum": Value(sum)])): nil
        case (.wait, .success(["calls": 1, "sum": Value(sum), "stored": .string("k\(n)")])): nil
        case (.raise, .failure(.scriptError(let message, _))) where message.hasSuffix("as planned \(sum)"): nil
        case (.loop, .failure(.cpuExceeded(.soft, _))), (.hoard, .failure(.memoryExceeded)): nil
        case (_, .success(let value)): "\(operation)(\(n)) returned \(value)"
        case (_, .failure(let error)): "\(operation)(\(n)) failed: \(error.kind): \(error.text)"
        }
    }

    private var sum: Int {
        var (a, b) = (0, 1)
        for _ in 0..<n { (a, b) = (b, (a + b) % 1_000_003) }
        return a
    }
}
