// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import Sandbox
import Testing
import Values

/// What a plugin can reach is what docs/sandbox-globals.txt lists, no more and no less.
@Suite("Globals", .timeLimit(.minutes(10)))
struct GlobalsTests {
    @Test("a plugin that walks everything it can reach finds the reviewed list")
    func fromInside() async throws {
        let source = """
            return { op = function()
              local seen, found = {}, {}
              local function walk(t, prefix)
                seen[t] = true
                for name, value in next, t do
                  found[#found + 1] = prefix .. tostring(name) .. ' ' .. type(value)
                  if type(value) == 'table' and not seen[value] then walk(value, prefix .. tostring(name) .. '.') end
                end
              end
              walk(_G, '')
              return found
            end }
            """
        let reviewed = try Self.reviewed().filter { !$0.hasPrefix("ctx.") }
        try await withSandbox { sandbox in
            let found = try await sandbox.call(source).arrayValue?.compactMap(\.stringValue)

            #expect(Set(found ?? []).subtracting(reviewed) == [], "reachable and not reviewed")
            #expect(Set(reviewed).subtracting(found ?? []) == [], "reviewed and not reachable")
        }
    }

    @Test("the cell prints the reviewed list, the parts of ctx included")
    func printed() throws {
        let executable = try #require(SandboxConfiguration.locateCell())

        #expect(try Self.lines(of: popen("'\(executable)' --globals", "r"), pclose) == Self.reviewed())
    }

    private static func reviewed() throws -> [String] {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        return try lines(of: fopen("/\(root)/docs/sandbox-globals.txt", "r"), fclose)
    }

    private static func lines(of file: UnsafeMutablePointer<FILE>?, _ close: (UnsafeMutablePointer<FILE>) -> Int32) throws -> [String] {
        let file = try #require(file)
        defer { _ = close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
    }
}
