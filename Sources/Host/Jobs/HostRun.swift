// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Glibc
internal import Security

/// Names one run of a host process, so that another run can tell whether the owner of a row still lives.
package struct HostRun: Sendable, Hashable, CustomStringConvertible {
    /// `<boot>/<pid namespace>/<pid>/<start time>/<random>`.
    package let description: String
    private let isGoneThere: @Sendable (String) -> Bool

    /// A run of that name; `isGone` is certain knowledge that another run has ended.
    package init(name: String, isGone: @escaping @Sendable (String) -> Bool) {
        description = name
        isGoneThere = isGone
    }

    /// The run of this process.
    package static func current() -> HostRun {
        let pid = getpid()
        let place = Self.place
        let name = "\(place)/\(pid)/\(startTime(of: pid) ?? "0")/\(CallID.make())"
        return HostRun(name: name) { other in
            let parts = other.split(separator: "/", omittingEmptySubsequences: false)
            // A process elsewhere can be told from a dead one only by its lease.
            guard parts.count == 5, "\(parts[0])/\(parts[1])" == place, !place.contains("?"), let owner = Int32(parts[2]) else {
                return false
            }
            return startTime(of: owner) != String(parts[3])
        }
    }

    /// Whether that other run is known to have ended; false when it lives, and when it cannot be known from here.
    package func isGone(_ other: String) -> Bool { other != description && isGoneThere(other) }

    package static func == (left: HostRun, right: HostRun) -> Bool { left.description == right.description }
    package func hash(into hasher: inout Hasher) { hasher.combine(description) }

    /// Process ids mean something only within one boot and one pid namespace.
    private static var place: String {
        "\(firstLine("/proc/sys/kernel/random/boot_id") ?? "?")/\(link("/proc/self/ns/pid") ?? "?")"
    }

    /// Field 22 of `/proc/<pid>/stat`: a pid that was given to another process has another start time.
    private static func startTime(of pid: Int32) -> String? {
        guard let stat = firstLine("/proc/\(pid)/stat"), let afterName = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: afterName)...].split(separator: " ")
        // A zombie has ended, whatever its entry says.
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
        return String(fields[19])
    }

    private static func firstLine(_ path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 1_024)
        guard fgets(&buffer, Int32(buffer.count), file) != nil else { return nil }
        let bytes = buffer.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func link(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 256)
        let length = readlink(path, &buffer, buffer.count)
        guard length > 0 else { return nil }
        // `pid:[4026531836]`; the slash is the separator of the name.
        return String(validating: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
