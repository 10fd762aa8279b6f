// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import CLinux

/// The process of the host itself.
package enum HostProcess {
    /// Keeps keys that are in memory out of core dumps, and other processes of the same user from reading them.
    ///
    /// False when the system refused.
    package static func forbidDumps() -> Bool { linux_forbid_dumps() == 0 }
}
