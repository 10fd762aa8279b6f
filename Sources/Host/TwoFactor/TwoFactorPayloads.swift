// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import PluginAPI
package import Security
package import Storage
package import Values

/// A user wants codes to go to a destination.
package struct EnrollFactor: Sendable, Hashable {
    package var plugin: PluginID
    package var label: String
    package var userRef: String
    package var destination: String
    package var country: String?
    package var locale: String
    /// Binds the codes to the session that asked: whoever verifies must say it again.
    package var sessionNonce: String
    /// What the message calls itself; the tenant's short name unless the host says otherwise.
    package var brand: String?

    package static let schema = Schema.object(
        "A second factor to set up.",
        [
            .required("plugin", .string(2...63), "The second-factor plugin.", example: "sms-twilio"),
            .optional("label", .string(1...63), "Which instance of the plugin; `default` unless said otherwise."),
            .required("user_ref", .string(1...64), "The panel's own id of the user.", example: "client-42"),
            .required("destination", .string(1...254), "Where codes go, as the user typed it.", example: "+49 151 12345678"),
            .optional("country", .string(2...2), "ISO 3166 code, for numbers without a country prefix."),
            .optional("locale", .string(2...16), "The user's language; `en` unless said otherwise."),
            .required("session_nonce", .string(8...128), "A random value of the session that asks; to be said again when verifying."),
        ])

    /// A user of the panel's own sets up a factor.
    package init(
        plugin: PluginID, label: String, userRef: String, destination: String, country: String?, locale: String, sessionNonce: String,
        brand: String
    ) {
        (self.plugin, self.label, self.userRef, self.destination) = (plugin, label, userRef, destination)
        (self.country, self.locale, self.sessionNonce, self.brand) = (country, locale, sessionNonce, brand)
    }

    /// Reads what ``schema`` has accepted.
    package init(_ input: Value) throws(HostError) {
        plugin = try input.plugin()
        label = input["label"]?.stringValue ?? "default"
        userRef = input["user_ref"]?.stringValue ?? ""
        destination = input["destination"]?.stringValue ?? ""
        country = input["country"]?.stringValue
        locale = input["locale"]?.stringValue ?? "en"
        sessionNonce = input["session_nonce"]?.stringValue ?? ""
    }
}

/// Somebody has to prove a factor that they have set up.
package struct BeginChallenge: Sendable, Hashable {
    package var enrollment: EnrollmentID
    package var purpose: String
    package var locale: String
    package var sessionNonce: String
    /// What the message calls itself; the tenant's short name unless the host says otherwise.
    package var brand: String?

    package static let schema = Schema.object(
        "A question for a second factor.",
        [
            .required("enrollment_id", .string(36...36), "The factor to ask."),
            .required("purpose", .enumeration(["login", "step_up", "admin"]), "What is to be allowed."),
            .optional("locale", .string(2...16), "The user's language; `en` unless said otherwise."),
            .required("session_nonce", .string(8...128), "A random value of the session that asks; to be said again when verifying."),
        ])

    /// A user of the panel's own is asked.
    package init(enrollment: EnrollmentID, purpose: String, locale: String, sessionNonce: String, brand: String) {
        (self.enrollment, self.purpose, self.locale) = (enrollment, purpose, locale)
        (self.sessionNonce, self.brand) = (sessionNonce, brand)
    }

    /// Reads what ``schema`` has accepted.
    package init(_ input: Value) throws(HostError) {
        guard let enrollment = input["enrollment_id"]?.stringValue.flatMap({ EnrollmentID($0) }) else { throw .noSuchFactor }
        self.enrollment = enrollment
        purpose = input["purpose"]?.stringValue ?? ""
        locale = input["locale"]?.stringValue ?? "en"
        sessionNonce = input["session_nonce"]?.stringValue ?? ""
    }
}

/// An answer to a challenge.
package struct VerifyChallenge: Sendable, Hashable {
    package var code: String
    package var sessionNonce: String

    package static let schema = Schema.object(
        "An answer.",
        [
            .required("code", .string(1...32), "What the user typed."),
            .required("session_nonce", .string(8...128), "The nonce that the challenge was begun with."),
        ])

    /// An answer to a question that the host has put itself.
    package init(code: String, sessionNonce: String) { (self.code, self.sessionNonce) = (code, sessionNonce) }

    /// Reads what ``schema`` has accepted.
    package init(_ input: Value) {
        code = input["code"]?.stringValue ?? ""
        sessionNonce = input["session_nonce"]?.stringValue ?? ""
    }
}

/// A challenge as a caller sees it.
package struct ChallengeView: Sendable, Hashable {
    package var challenge: ChallengeID
    package var enrollment: EnrollmentID
    package var enrollmentStatus: EnrollmentRecord.Status
    package var status: ChallengeRecord.Status
    package var hint: String
    package var expiresAt: Int64

    package var json: Value {
        [
            "challenge_id": .string(challenge.description), "enrollment_id": .string(enrollment.description),
            "enrollment_status": .string(enrollmentStatus.rawValue), "status": .string(status.rawValue), "hint": .string(hint),
            "expires_at": .int(expiresAt),
        ]
    }

    package static let schema = Schema.type(
        "Challenge", "A question that waits for its answer.",
        [
            .required("challenge_id", .string(max: 36)),
            .required("enrollment_id", .string(max: 36)),
            .required("enrollment_status", .enumeration(["pending", "active", "suspended", "revoked"])),
            .required("status", .enumeration(["created", "sent", "failed", "accepted", "expired", "canceled", "locked"])),
            .required("hint", .string(max: 64), "What may be shown of the destination."),
            .required("expires_at", .milliseconds),
        ])
}

/// What the host decided about an answer. The plugin has no say in it.
package enum Verdict: String, Sendable, CaseIterable {
    /// The code was right; it will not be so again.
    case accepted
    /// One answer for every reason: wrong code, wrong session, used, expired, or no attempt left.
    case rejected

    package static let schema = Schema.object(
        "The verdict.",
        [
            .required("result", .enumeration(Verdict.self)),
            .required("enrollment_id", .string(max: 36)),
            .required("purpose", .string(max: 32)),
        ])
}
