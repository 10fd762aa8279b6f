// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Where audit events are appended: a storage transaction, so that the event and what it tells of are written together.
public protocol AuditAppending {
    /// Adds the event to its tenant's trail, or throws; a caller that cannot record does not act.
    func append(_ event: AuditEvent) throws
}
