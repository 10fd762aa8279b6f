// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc

/// What the system says about the memory of a process, in KiB.
package enum ProcessMemory {
    /// What this process holds.
    package static var own: Int? { resident(of: getpid()) }

    /// Memory that no file backs and that is in RAM, pages shared with a parent included; nil when the process has gone.
    package static func anonymous(of pid: Int32) -> Int? { field("RssAnon:", of: "/proc/\(pid)/status") }

    /// Everything of it that is in RAM.
    package static func resident(of pid: Int32) -> Int? { field("VmRSS:", of: "/proc/\(pid)/status") }

    /// Its share of what is in RAM; nil when this user may not know.
    package static func proportional(of pid: Int32) -> Int? { field("Pss:", of: "/proc/\(pid)/smaps_rollup") }

    private static func field(_ name: String, of path: String) -> Int? {
        guard let text = read(path) else { return nil }
        for line in text.split(separator: "\n") where line.hasPrefix(name) {
            return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        }
        return nil
    }

    static func read(_ path: String, maximum: Int = 64 << 10) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while content.count < maximum {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            content += buffer[..<count]
        }
        return content.isEmpty ? nil : String(decoding: content, as: UTF8.self)
    }
}
