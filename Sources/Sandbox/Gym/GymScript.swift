// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

/// A script as a program with an operation, and what its header says of it.
struct GymScript: Sendable {
    /// The operation that runs the script.
    static let attack = "attack"
    /// An operation beside it that leaves the script alone.
    static let calm = "calm"

    let program: Program
    let expectation: GymExpectation

    init(name: String, source: [UInt8], hash: String) {
        // What an error calls it. No file of a program has a longer name, and Lua shows less of it still.
        var name = name
        while name.utf8.count > 100 { name.removeFirst() }
        program = Program(hash: hash, entry: Self.entry, files: [(Self.entry, Array(Self.wrapper(name).utf8)), (name, source)])
        expectation = GymExpectation(header: source)
    }

    /// No script has this name: theirs end in `.lua`.
    private static let entry = "gym"

    /// The script is a chunk that gets `ctx` and `req`; one that is written like a plugin's file returns its operations.
    private static func wrapper(_ name: String) -> String {
        """
        local require, type, next = require, type, next
        local function first(operations)
          local found
          for name, operation in next, operations do
            if type(name) == "string" and type(operation) == "function" then
              if name == "run" then return operation, name end
              if not found or name < found then found = name end
            end
          end
          return found and operations[found]
        end
        return {
          \(calm) = function(ctx, req) return { calm = req.n } end,
          \(attack) = function(ctx, req)
            local answer = require("\(escaped(name))", ctx, req)
            local operation = type(answer) == "table" and first(answer) or answer
            if type(operation) == "function" then return operation(ctx, req) end
            return answer
          end,
        }
        """
    }

    private static func escaped(_ name: String) -> String {
        name.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "/"), UInt8(ascii: "."):
                String(UnicodeScalar(byte))
            default:
                "\\" + String(repeating: "0", count: byte < 10 ? 2 : byte < 100 ? 1 : 0) + String(byte)
            }
        }.joined()
    }
}
