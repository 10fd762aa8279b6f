// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// The rules for passwords that a tenant goes by.
package enum PasswordProfile: String, Sendable, Hashable, CaseIterable {
    /// NIST SP 800-63B-4: long, unknown, never changed without a reason.
    case nist
    /// PCI DSS 4.0.1 (8.3.4, 8.3.6, 8.3.7, 8.3.9) on top: letters and digits, no password twice, an end, a lock-out.
    case pci

    /// Characters that are needed.
    package func minimumLength(withFactor: Bool) -> Int {
        switch self {
        case .nist: withFactor ? 8 : 15
        case .pci: 12
        }
    }

    /// Whether both letters and digits are needed: no rule that helps, and yet one of PCI DSS.
    var needsLettersAndDigits: Bool { self == .pci }

    /// How many of the last passwords, the one in force among them, may not come again.
    package var history: Int { self == .pci ? 4 : 0 }

    /// Milliseconds after which a password that is the only factor has to be changed.
    package var maximumAge: Int64? { self == .pci ? 90 * 86_400_000 : nil }

    /// Failures in a row that lock a lane for half an hour; nil where waits only grow.
    ///
    /// PCI DSS 8.3.4 asks for a lock after at most ten failures at a user, wherever they come from. There are two lanes then, that of
    /// strangers and that of all places, devices and sessions of the owner's together, so that it is ten in all and strangers still lock
    /// nobody out of where they are known.
    var lockingFailures: Int64? { self == .pci ? 5 : nil }

    /// Whether all that is known of a user shares one lane.
    package var countsKnownTogether: Bool { lockingFailures != nil }

    /// Milliseconds to wait after so many failures in a row.
    func delay(afterFailures failures: Int64, _ policy: AuthenticationPolicy) -> Int64 {
        let usual = policy.delay(afterFailures: failures)
        return lockingFailures.map { failures >= $0 } ?? false ? max(usual, 30 * 60_000) : usual
    }
}
