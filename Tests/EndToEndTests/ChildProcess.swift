// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import Glibc
import Synchronization

/// A process that a test starts and ends by its id; what it prints is kept and can be waited for.
final class ChildProcess: Sendable {
    struct Failed: Error, CustomStringConvertible {
        var description: String
    }

    private struct State {
        var output = ""
        var ended = false
        var waiters: [(needle: String, continuation: CheckedContinuation<String, any Error>)] = []
    }

    let pid: pid_t
    let name: String
    private let state = Mutex(State())

    /// Starts `arguments[0]`. Standard output and standard error are read together.
    init(_ arguments: [String], environment: [String: String] = [:], input: String? = nil) throws {
        name = (arguments[0] as NSString).lastPathComponent
        var output: [Int32] = [0, 0]
        guard Self.pipe(&output) else { throw Failed(description: "pipe: errno \(errno)") }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, output[1], 1)
        posix_spawn_file_actions_adddup2(&actions, output[1], 2)
        var stdin: [Int32] = [-1, -1]
        if input != nil {
            guard Self.pipe(&stdin) else { throw Failed(description: "pipe: errno \(errno)") }
            posix_spawn_file_actions_adddup2(&actions, stdin[0], 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        defer { posix_spawn_file_actions_destroy(&actions) }
        var merged = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": NSTemporaryDirectory()]
        merged.merge(environment) { $1 }
        var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var envp: [UnsafeMutablePointer<CChar>?] = merged.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer {
            for pointer in argv + envp { free(pointer) }
        }
        var child: pid_t = 0
        let status = posix_spawnp(&child, arguments[0], &actions, nil, &argv, &envp)
        close(output[1])
        if stdin[0] >= 0 { close(stdin[0]) }
        guard status == 0 else {
            close(output[0])
            throw Failed(description: "cannot start \(arguments[0]): errno \(status)")
        }
        if let input {
            _ = input.withCString { write(stdin[1], $0, strlen($0)) }
            close(stdin[1])
        }
        pid = child
        Leftovers.note(child)
        let descriptor = output[0]
        let box = Weak()
        let reader = Thread {
            var buffer = [UInt8](repeating: 0, count: 65536)
            while true {
                let count = read(descriptor, &buffer, buffer.count)
                if count < 0 && errno == EINTR { continue }
                if count <= 0 { break }
                box.value?.received(String(decoding: buffer[..<count], as: UTF8.self))
            }
            close(descriptor)
            box.value?.received(nil)
        }
        box.value = self
        reader.start()
    }

    private final class Weak: @unchecked Sendable {
        // Written once before the thread that reads it is started.
        weak var value: ChildProcess?
    }

    /// A pipe that no other child inherits.
    private static func pipe(_ ends: inout [Int32]) -> Bool {
        Glibc.pipe(&ends) == 0 && ends.allSatisfy { fcntl($0, F_SETFD, FD_CLOEXEC) == 0 }
    }

    deinit {
        kill(pid, SIGKILL)
        Leftovers.forget(pid)
        var status: Int32 = 0
        waitpid(pid, &status, 0)
    }

    /// All that was printed so far.
    var output: String { state.withLock { $0.output } }

    /// Whether its output has ended.
    var hasEnded: Bool { state.withLock { $0.ended } }

    /// The first line that contains `needle`, as soon as it is printed; throws when the process ends without it.
    func line(containing needle: String) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            state.withLock { state in
                if let line = Self.line(containing: needle, in: state.output) {
                    continuation.resume(returning: line)
                } else if state.ended {
                    continuation.resume(throwing: Failed(description: "\(name) ended without printing '\(needle)': \(state.output)"))
                } else {
                    state.waiters.append((needle, continuation))
                }
            }
        }
    }

    /// Sends a signal.
    func send(_ signal: Int32) { kill(pid, signal) }

    /// Waits for the end and gives the exit code; 128 + n after signal n.
    func exitCode() async -> Int32 {
        await withCheckedContinuation { continuation in
            Thread {
                var info = siginfo_t()
                // The zombie stays, so that the process id cannot be somebody else's until deinit.
                while waitid(P_PID, id_t(self.pid), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR {}
                let status = info._sifields._sigchld.si_status
                continuation.resume(returning: info.si_code == CLD_EXITED ? status : 128 + status)
            }.start()
        }
    }

    private func received(_ text: String?) {
        state.withLock { state in
            if let text { state.output += text } else { state.ended = true }
            state.waiters.removeAll { waiter in
                if let line = Self.line(containing: waiter.needle, in: state.output) {
                    waiter.continuation.resume(returning: line)
                    return true
                }
                if state.ended {
                    waiter.continuation.resume(
                        throwing: Failed(description: "\(name) ended without printing '\(waiter.needle)': \(state.output)"))
                }
                return state.ended
            }
        }
    }

    private static func line(containing needle: String, in output: String) -> String? {
        output.split(separator: "\n", omittingEmptySubsequences: true).dropLast(output.hasSuffix("\n") ? 0 : 1)
            .first { $0.contains(needle) }.map(String.init)
    }
}
