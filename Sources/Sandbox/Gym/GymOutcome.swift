// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// How a script ended, as whoever called it was told.
package enum GymOutcome: String, Sendable, Hashable, CaseIterable {
    /// It returned a value.
    case completed
    /// It raised an error, or returned what cannot leave a cell.
    case error
    /// A limit ended it with a Lua error, and its cell went on.
    case killedSoft = "killed_soft"
    /// It was left by force inside its cell, which went on.
    case killedHard = "killed_hard"
    /// Its cell was ended by SIGKILL.
    case killedProcess = "killed_process"
    /// Its cell died by itself.
    case crashed
    /// It is no program that a cell runs.
    case refused
}
