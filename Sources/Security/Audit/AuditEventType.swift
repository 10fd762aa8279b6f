// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What is known about one kind of audit event: for people who search, and for the systems that events are shipped to.
public struct AuditEventType: Sendable, Hashable {
    /// How much attention an event deserves when it went as intended; the numbers are OCSF's.
    public enum Severity: Int, Sendable, Hashable, Comparable {
        /// Nothing to do.
        case informational = 1
        /// Worth knowing.
        case low = 2
        /// Worth a look today.
        case medium = 3
        /// Worth a look now.
        case high = 4

        /// OCSF's caption.
        public var caption: String {
            switch self {
            case .informational: "Informational"
            case .low: "Low"
            case .medium: "Medium"
            case .high: "High"
            }
        }

        /// Less attention comes first.
        public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    /// The event's `action`, or the `event` in its detail where one action stands for several kinds.
    public let name: String
    /// One sentence for the reference.
    public let summary: String
    /// The class and activity in OCSF.
    public let activity: OCSFActivity
    /// How much attention it deserves when it went as intended.
    public let severity: Severity
    /// The term of the OWASP logging vocabulary, where there is one.
    public let owasp: String?
    /// The action whose events carry this name in their detail.
    public let refines: String?

    /// The severity of an event that ended so.
    public func severity(_ outcome: AuditOutcome?) -> Severity {
        switch outcome {
        case .started, .success: severity
        case .denied, .failure: max(severity, .low)
        case .abandoned, nil: max(severity, .medium)
        }
    }

    /// The OWASP term for an event that ended so.
    public func owasp(_ outcome: AuditOutcome?) -> String? {
        switch (activity.eventClass, outcome) {
        case (.authentication, .denied), (.authentication, .failure): owasp == "authn_login_success" ? "authn_login_fail" : owasp
        case (_, .denied): "authz_fail"
        default: owasp
        }
    }
}

/// A class and activity of the Open Cybersecurity Schema Framework.
public struct OCSFActivity: Sendable, Hashable {
    /// The three classes that audit events fall into.
    public enum EventClass: Int, Sendable, Hashable, CaseIterable {
        /// Users, roles, keys and second factors were changed.
        case accountChange = 3001
        /// Somebody proved who they are, or ceased to.
        case authentication = 3002
        /// Everything else that was asked of the host.
        case apiActivity = 6003

        /// OCSF's caption.
        public var caption: String {
            switch self {
            case .accountChange: "Account Change"
            case .authentication: "Authentication"
            case .apiActivity: "API Activity"
            }
        }

        /// `category_uid` and its caption.
        public var category: (id: Int, caption: String) {
            self == .apiActivity ? (6, "Application Activity") : (3, "Identity & Access Management")
        }
    }

    /// `class_uid`.
    public let eventClass: EventClass
    /// `activity_id`.
    public let id: Int
    /// `activity_name`.
    public let caption: String

    /// `type_uid`.
    public var typeID: Int { eventClass.rawValue * 100 + id }

    init(_ eventClass: EventClass, _ id: Int, _ caption: String) {
        (self.eventClass, self.id, self.caption) = (eventClass, id, caption)
    }

    static let create = OCSFActivity(.apiActivity, 1, "Create")
    static let read = OCSFActivity(.apiActivity, 2, "Read")
    static let update = OCSFActivity(.apiActivity, 3, "Update")
    static let delete = OCSFActivity(.apiActivity, 4, "Delete")
    static let other = OCSFActivity(.apiActivity, 99, "Other")
    static let logon = OCSFActivity(.authentication, 1, "Logon")
    static let logoff = OCSFActivity(.authentication, 2, "Logoff")
    static let renewal = OCSFActivity(.authentication, 99, "Renewal")
    static let secondFactor = OCSFActivity(.authentication, 99, "Second Factor")
    static let accountCreate = OCSFActivity(.accountChange, 1, "Create")
    static let passwordChange = OCSFActivity(.accountChange, 3, "Password Change")
    static let passwordReset = OCSFActivity(.accountChange, 4, "Password Reset")
    static let accountDisable = OCSFActivity(.accountChange, 5, "Disable")
    static let accountUpdate = OCSFActivity(.accountChange, 99, "Update")
    static let factorDisable = OCSFActivity(.accountChange, 11, "MFA Factor Disable")
}
