// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import Sandbox
import Testing
import Values

/// Ordinary Lua behaves in a cell as in the stock interpreter: each program in `Conformance` prints the same lines in both.
///
/// A program with a file `.expected` shows a difference that is meant; its first comment says which.
@Suite("Conformance", .timeLimit(.minutes(10)))
struct ConformanceTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Conformance")
    static let programs = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
        .filter { $0.hasSuffix(".lua") }.map { String($0.dropLast(4)) }.sorted()
    static let different = programs.filter { expected($0) != nil }
    static let equal = programs.filter { expected($0) == nil }
    static let interpreter = ["/usr/bin/lua5.4", "/usr/local/bin/lua5.4"].first { FileManager.default.isExecutableFile(atPath: $0) }

    @Test(
        "a program prints what it prints in stock Lua",
        .enabled(if: interpreter != nil, "lua5.4 is not installed: \(equal.count) programs were not compared"), arguments: equal)
    func stock(program: String) async throws {
        let wanted = try Self.printedByStock(program)

        try await Self.expect(Self.printedInCell(program), toBe: wanted)
    }

    @Test("a difference is the one that is meant", arguments: different)
    func difference(program: String) async throws {
        try await Self.expect(Self.printedInCell(program), toBe: #require(Self.expected(program)))
    }

    @Test("there are enough programs")
    func enough() {
        #expect(Self.programs.count >= 60)
    }

    private static func expect(_ found: [String], toBe wanted: [String]) {
        for (line, (found, wanted)) in zip(found, wanted).enumerated() where found != wanted {
            Issue.record("line \(line + 1): \(found), not \(wanted)")
            return
        }
        #expect(found.count == wanted.count, "the lines before are equal")
    }

    private static func source(_ program: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appendingPathComponent("\(program).lua")))
    }

    private static func expected(_ program: String) -> [String]? {
        (try? Data(contentsOf: folder.appendingPathComponent("\(program).expected"))).map { lines($0) }
    }

    private static func lines(_ output: Data) -> [String] {
        String(decoding: output, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }

    private static func printedByStock(_ program: String) throws -> [String] {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: try #require(interpreter))
        process.arguments = ["\(program).lua"]
        process.currentDirectoryURL = folder
        process.standardOutput = output
        try process.run()
        let printed = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return lines(printed)
    }

    /// The main chunk runs as a module, so that files and lines are those of the stock interpreter.
    private static func printedInCell(_ program: String) async throws -> [String] {
        let main = "return { op = function() require '\(program)' return {} end }"
        let whole = Program(
            hash: program, entry: "main.lua", files: [("main.lua", Array(main.utf8)), ("\(program).lua", try source(program))])
        let printed = Shared<[String]>([])
        try await withSandbox { sandbox async throws in
            let outcome = await sandbox.invoke(
                CellKey(tenant: "test", partition: program, program: program), program: whole, operation: "op", request: [:],
                context: CallContext(),
                budget: InvocationBudget(cpu: .seconds(10), wall: .seconds(60), memory: 32 << 20, logBytes: 8 << 20),
                onLog: { line in printed.withLock { $0.append(line.message) } }, onHostCall: { _ in .value(nil) })
            _ = try outcome.result.get()
        }
        return printed.withLock { $0 }.flatMap { $0.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }
    }
}
