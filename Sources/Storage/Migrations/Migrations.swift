// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

extension Migration {
    /// Every migration, in order.
    ///
    /// Add new ones at the end; never change or remove one.
    package static var all: [Migration] {
        [
            identity,
            plugins,
            payments,
            twoFactor,
            notifications,
            pluginStops,
            audit,
            keys,
            hosts,
            sinks,
            personal,
            accounts,
            devices,
            edge,
            policyUsage,
            factors,
            tenancy,
            emailChanges,
        ]
    }
}
