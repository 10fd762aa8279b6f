// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import Glibc
import Synchronization

/// What must not outlive the test process: the processes that it has started, and the folders that it has made.
///
/// Objects that all tests share are never deinitialised; what they hold is ended here.
enum Leftovers {
    private struct State {
        var processes: Set<pid_t> = []
        var folders: Set<String> = []
    }

    private static let state = Mutex<State>(armed())

    private static func armed() -> State {
        atexit { Leftovers.end() }
        return State()
    }

    /// A child that nobody has waited for yet: until then its id cannot become anybody else's.
    static func note(_ pid: pid_t) { state.withLock { _ = $0.processes.insert(pid) } }
    static func forget(_ pid: pid_t) { state.withLock { _ = $0.processes.remove(pid) } }
    static func note(folder: String) { state.withLock { _ = $0.folders.insert(folder) } }

    private static func end() {
        state.withLock { state in
            for pid in state.processes {
                kill(pid, SIGKILL)
                var status: Int32 = 0
                waitpid(pid, &status, 0)
            }
            for folder in state.folders { try? FileManager.default.removeItem(atPath: folder) }
            state = State()
        }
    }
}
