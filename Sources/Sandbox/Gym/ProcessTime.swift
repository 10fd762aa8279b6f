// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What the system says about the time of a process.
enum ProcessTime {
    /// How long its first thread has been ready to run and had to wait for a processor; nil when the process has gone.
    static func waiting(of pid: Int32) -> Duration? {
        guard let text = ProcessMemory.read("/proc/\(pid)/schedstat") else { return nil }
        return text.split(separator: " ").dropFirst().first.flatMap { Int64($0) }.map { .nanoseconds($0) }
    }
}
