// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

/// Another tenant's healthy program, whose answers can be checked.
struct GymNeighbour: Sendable {
    /// What became of a series of calls.
    struct Record: Sendable {
        var calls = 0
        var isCorrect = true
        var slowest = Duration.zero

        mutating func add(_ other: Record) {
            calls += other.calls
            isCorrect = isCorrect && other.isCorrect
            slowest = max(slowest, other.slowest)
        }
    }

    private static let source = """
        local calls = 0
        return { check = function(ctx, req)
          calls = calls + 1
          local a, b = 0, 1
          for _ = 1, req.n do a, b = b, (a + b) % 1000003 end
          local list = {}
          for i = 1, 50 do list[i] = i * req.n % 53 end
          table.sort(list)
          local words = {}
          for word in ("one two three"):gmatch("%a+") do words[#words + 1] = word:upper() end
          return { calls = calls, fibonacci = a, list = table.concat(list, ","), words = table.concat(words, "-") }
        end }
        """
    private static let pause = Duration.milliseconds(2)

    let sandbox: Sandbox
    private let key: CellKey

    init(_ sandbox: Sandbox, partition: String) {
        self.sandbox = sandbox
        key = CellKey(tenant: "gym-neighbour", partition: partition, program: "gym-neighbour")
    }

    /// One call.
    func check(_ n: Int = 40) async -> Record {
        let program = Program(hash: key.program, entry: "neighbour.lua", files: [("neighbour.lua", Array(Self.source.utf8))])
        let outcome = await sandbox.invoke(
            key, program: program, operation: "check", request: ["n": Value(n)], context: CallContext(), budget: InvocationBudget(),
            onLog: { _ in }, onHostCall: { _ in .failure(code: "unsupported", message: "") })
        let isCorrect = (try? outcome.result.get()) == Self.answer(n)
        return Record(calls: 1, isCorrect: isCorrect, slowest: outcome.receipt.wall)
    }

    /// Calls again and again, at least once, until told that it is enough.
    func check(until flag: GymFlag) async -> Record {
        var record = Record()
        var n = 1
        repeat {
            record.add(await check(n))
            n = n % 90 + 1
            try? await Task.sleep(for: Self.pause)
        } while !flag.isRaised
        return record
    }

    /// Ends its cell.
    func retire() { sandbox.retire(key) }

    private static func answer(_ n: Int) -> Value {
        var (a, b) = (0, 1)
        for _ in 0..<n { (a, b) = (b, (a + b) % 1_000_003) }
        let list = (1...50).map { $0 * n % 53 }.sorted().map(String.init).joined(separator: ",")
        return ["calls": 1, "fibonacci": Value(a), "list": .string(list), "words": "ONE-TWO-THREE"]
    }
}
