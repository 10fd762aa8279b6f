// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import Host
import Logging
import Sandbox

struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Run a recorded call of a plugin again and show the first difference.",
        discussion: """
            Runs it in a real cell with the host's replies of then, and compares step by step: host calls with their arguments, log lines, the
            result or the error, the number of instructions. Nothing is sent to anybody. 'panelhost run --development --record DIR' and
            'panelhost demo --record DIR' write recordings.

            Exit codes: 0 identical; 1 a difference, or no recording.

            EXAMPLES
              panelhost replay recordings/20260301T101500Z-000007-create_payment.json
              panelhost replay FILE --plugin plugins/stripe    the same call of the sources that you work on
            """)

    @Argument(help: "The recording.")
    var file: String

    @Option(
        name: .long, help: ArgumentHelp("Run the plugin in this folder instead of the recorded one.", valueName: "folder"))
    var plugin: String?

    @OptionGroup var cells: CellOptions

    func run() async throws {
        let recording: Recording
        do {
            recording = try Recording(parsing: try PlainFile.read(Array(file.utf8), maximum: Recording.maximumBytes, followingLink: true))
        } catch {
            throw Failure("\(file): \(error)")
        }
        let verdict = try await verdict(of: recording, changed: try changedProgram(recording))
        Console.line(Console.plain("\(recording.operation) of \(recording.program.entry) (\(recording.program.hash.prefix(12)))"))
        guard let difference = verdict.difference else {
            let steps = "\(verdict.matched) step(s), \(verdict.outcome.receipt.instructions) instructions"
            Console.line(
                verdict.isCutShort
                    ? "identical as far as it goes: \(steps); somebody or something ended the recorded run" : "identical: \(steps)")
            return
        }
        Console.line("\(verdict.matched) of \(recording.steps.count) step(s) are identical; the first difference:")
        Console.line("  where     " + Console.plain(difference.place))
        Console.line("  recorded  " + Console.plain(difference.recorded))
        Console.line("  now       " + Console.plain(difference.now))
        throw ExitCode(1)
    }

    private func changedProgram(_ recording: Recording) throws(Failure) -> Program? {
        guard let plugin else { return nil }
        do {
            let files = try PluginFolder(at: plugin).files
            return PluginArchive.program(of: files, entry: recording.program.entry, hash: PluginArchive.hash(of: files))
        } catch {
            throw Failure("\(plugin): \(error)")
        }
    }

    private func verdict(of recording: Recording, changed program: Program?) async throws -> Replay.Verdict {
        let sandbox: Sandbox
        do {
            sandbox = try await Sandbox.start(
                Replay.configuration(cellExecutable: try cells.path()),
                logger: Logger(label: "replay") { _ in SwiftLogNoOpLogHandler() })
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(startingSandbox: error)
        }
        let verdict = await Replay(recording).run(in: sandbox, program: program)
        await sandbox.shutdown()
        return verdict
    }
}
