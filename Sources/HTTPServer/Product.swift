// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What this program is.
package enum Product {
    /// Semantic version.
    package static let version = "0.1.0"
}
