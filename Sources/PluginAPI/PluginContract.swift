// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// The numbers of the contract that this host speaks.
public enum PluginContract {
    /// The major of the host interface; a plugin names it as `host_api`.
    public static let hostAPI = "1"
    /// The form of `plugin.json`.
    public static let manifestVersion: Int64 = 1
}
