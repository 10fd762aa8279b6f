// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc

/// A Redis of its own on a Unix socket, with the same Lua functions behind `FCALL`, and its own load generator in front.
///
/// Redis runs them inside its process, without a wall, a clean state or a limit: the engine that everybody compares with.
final class RedisPeer {
    /// What `redis-benchmark` reports.
    struct Figures {
        var perSecond: Double
        var p50: Double
        var p99: Double
    }

    private static let functions = """
        #!lua name=bench
        redis.register_function('empty', function(keys, args) return {} end)
        redis.register_function('one', function(keys, args) redis.call('GET', 'k') return {} end)
        redis.register_function('three', function(keys, args) redis.call('GET', 'k') redis.call('GET', 'k') redis.call('GET', 'k') return {} end)
        """

    private let folder: String
    private let process: pid_t
    private var socket: String { "\(folder)/socket" }

    /// Nil where Redis is not installed or does not start.
    init?() {
        var template = Array("/tmp/panelhost-bench.XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { return nil }
        folder = String(cString: made)
        let arguments = [
            "setpriv", "--pdeathsig", "TERM", "redis-server", "--port", "0", "--unixsocket", "\(folder)/socket", "--save", "", "--dir",
            folder, "--logfile", "log",
        ]
        guard let pid = Self.spawn(arguments) else {
            rmdir(folder)
            return nil
        }
        process = pid
        guard awaitSocket(), Self.output("redis-cli -s \(socket) SET k value") == "OK\n", load() else {
            stop()
            return nil
        }
    }

    /// Ends the server and removes what it left.
    func stop() {
        kill(process, SIGTERM)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        for name in ["socket", "log", "functions.lua"] { unlink("\(folder)/\(name)") }
        rmdir(folder)
    }

    /// `FCALL` of that function from that many connections; with `pipeline`, that many requests of each at once.
    func measure(_ function: String, connections: Int, calls: Int, pipeline: Int = 1) -> Figures? {
        let command = "redis-benchmark -s \(socket) -n \(calls) -c \(connections) -P \(pipeline) --csv FCALL \(function) 0"
        guard let line = Self.output(command)?.split(separator: "\n").last else { return nil }
        // "FCALL empty 0","rps","avg","min","p50","p95","p99","max", times in milliseconds
        let fields = line.split(separator: ",").map { Double($0.filter { $0 != "\"" }) }
        guard fields.count == 8, let rate = fields[1], let p50 = fields[4], let p99 = fields[6] else { return nil }
        return Figures(perSecond: rate, p50: p50 * 1000, p99: p99 * 1000)
    }

    private func awaitSocket() -> Bool {
        for _ in 0..<500 {
            if Self.output("redis-cli -s \(socket) PING 2>/dev/null") == "PONG\n" { return true }
            usleep(10_000)
        }
        return false
    }

    private func load() -> Bool {
        guard let file = fopen("\(folder)/functions.lua", "w") else { return false }
        fputs(Self.functions, file)
        fclose(file)
        return Self.output("redis-cli -s \(socket) -x FUNCTION LOAD < \(folder)/functions.lua") == "bench\n"
    }

    private static func spawn(_ arguments: [String]) -> pid_t? {
        var pid = pid_t()
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        return posix_spawnp(&pid, arguments[0], nil, nil, &pointers, nil) == 0 ? pid : nil
    }

    private static func output(_ command: String) -> String? {
        guard let pipe = popen(command, "r") else { return nil }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = fread(&buffer, 1, buffer.count, pipe), count > 0 { bytes += buffer[..<count] }
        return pclose(pipe) == 0 ? String(decoding: bytes, as: UTF8.self) : nil
    }
}
