// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// How an audited action ended.
public enum AuditOutcome: String, Sendable, Hashable, CaseIterable {
    /// It is about to begin; another event with the same correlation says how it ended.
    case started
    /// It was done.
    case success
    /// It was not allowed.
    case denied
    /// It was allowed, and did not work.
    case failure
    /// It began, and nobody recorded its end.
    case abandoned
}
