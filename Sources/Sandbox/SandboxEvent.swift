// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What the host's audit trail should know of the cells.
package enum SandboxEvent: Sendable, Hashable {
    /// The cell of that key died by itself, broke the protocol, or could only be stopped by ending its process.
    case crashed(CellKey, CellExit)
    /// The program died too often for that tenant and is not run for it until somebody releases it.
    case quarantined(CellKey, crashes: Int)
    /// Somebody let the program run again for that tenant.
    case released(CellKey)
    /// Somebody ended every cell of that program, and it is not run until it is revived.
    case killed(program: String, cells: Int)
    /// Somebody let the program run again.
    case revived(program: String)
}
