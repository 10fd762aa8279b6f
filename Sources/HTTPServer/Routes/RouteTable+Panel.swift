// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

extension RouteTable {
    /// Everything that is served.
    package static let panel = RouteTable(
        authentication + accounts + users + accountRules + accessReviews + factors + devices + sessions + apiKeys + memberships + tenants
            + acting + plugins + payments
            + twoFactor + notifications + audit + policyReading + policyChanges + edge + webhooks + system)
}
