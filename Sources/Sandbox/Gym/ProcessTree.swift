// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc

/// Which processes and descriptors there are.
enum ProcessTree {
    /// The children of a process, dead ones that nobody has waited for included.
    static func children(of parent: Int32) -> [Int32] {
        entries(of: "/proc").compactMap { Int32($0) }.filter { pid in
            guard let stat = ProcessMemory.read("/proc/\(pid)/stat"), let end = stat.lastIndex(of: ")") else { return false }
            return stat[end...].split(separator: " ").dropFirst(2).first.flatMap { Int32($0) } == parent
        }
    }

    /// How many descriptors this process has open.
    static var descriptors: Int { entries(of: "/proc/self/fd").count }

    private static func entries(of folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }
}
