// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPTypes
import Host
import Hummingbird
import Security
import Storage
import Values

/// The one place where errors become HTTP.
///
/// What it does not know is an internal error that says nothing.
enum ProblemMapping {
    static func problem(for error: any Error) -> Problem {
        switch error {
        case let problem as Problem: problem
        case let error as HostError: problem(for: error)
        case let denial as Denial: problem(for: denial)
        case let refusal as PolicyRefusal: problem(for: refusal)
        case let fault as PolicyProblem: .invalidRequest([], detail: fault.description)
        case let error as AuthenticationError: problem(for: error)
        case let error as StorageError: problem(for: error)
        case let error as HTTPError where error.status.kind == .clientError:
            Problem(error.status, "bad_request", "The request cannot be read")
        default: .internalError
        }
    }

    /// What the operator's log says of an error: its kind, and its own words where they are written to be shown.
    static func logText(for error: any Error) -> String {
        switch error {
        case let error as HostError: error.description
        case let error as StorageError: error.description
        case let error as AuthenticationError: error.description
        default: String(describing: type(of: error))
        }
    }

    private static func problem(for error: HostError) -> Problem {
        var problem = Problem(
            statuses[error.code.description] ?? .internalServerError, error.code.description, title(error.code.description),
            detail: error.message, errors: error.fields.map { .init($0.field, $0.message) })
        if let seconds = error.retryAfterSeconds { problem.headers[.retryAfter] = String(seconds) }
        return problem
    }

    private static let statuses: [String: HTTPResponse.Status] = [
        "not_found": .notFound,
        "invalid_request": .badRequest, "archive_refused": .badRequest, "plugin_invalid": .badRequest, "config_invalid": .badRequest,
        "contract_violation": .badRequest, "webhook_rejected": .badRequest,
        "payload_too_large": .contentTooLarge,
        "conflict": .conflict, "plugin_not_enabled": .conflict, "approval_required": .conflict, "unsupported": .conflict,
        "would_lock_out": .conflict, "idempotency_mismatch": .conflict, "in_progress": .conflict, "invoice_held": .conflict,
        "merchant_reference_taken": .conflict,
        "payment_busy": .conflict, "payment_unknown": .conflict, "payment_state": .conflict,
        "capability_exceeded": .unprocessableContent, "refund_exceeds_captured": .unprocessableContent,
        "capture_exceeds_authorized": .unprocessableContent,
        "rate_limited": .tooManyRequests,
        "plugin_killed": .serviceUnavailable, "tenant_closed": .serviceUnavailable, "plugin_quarantined": .serviceUnavailable,
        "plugin_restarting": .serviceUnavailable,
        "config_unreadable": .internalServerError,
        "audit_unavailable": .serviceUnavailable, "audit_sink_lagging": .serviceUnavailable, "unavailable": .serviceUnavailable,
        "webhook_not_configured": .serviceUnavailable,
    ]

    /// `plugin_not_enabled` as a sentence: "Plugin not enabled".
    private static func title(_ code: String) -> String {
        let words = code.replacing("_", with: " ")
        return words.prefix(1).uppercased() + words.dropFirst()
    }

    private static func problem(for denial: Denial) -> Problem {
        switch denial {
        case .foreignTenant: .notFound
        case .factorMissing:
            Problem(
                .forbidden, "factor_missing", "A second factor is missing",
                detail: "This tenant wants one of you. Set it up first: POST /v1/auth/factors/totp.")
        case .stepUpRequired(let age): stepUp(age)
        case .missingPermission(let action):
            Problem(.forbidden, "forbidden", "You may not do this", detail: "It needs the permission \(action.rawValue).")
        default: Problem(.forbidden, "forbidden", "This is not allowed", detail: denial.description)
        }
    }

    private static func problem(for refusal: PolicyRefusal) -> Problem {
        switch refusal {
        case .invalid(let fault): .invalidRequest([], detail: fault.description)
        case .notFound: .notFound
        case .conflict(let what): Problem(.conflict, "conflict", "The policy does not allow this", detail: what)
        case .aboveCeiling: Problem(.forbidden, "above_ceiling", "One grants what one holds", detail: refusal.description)
        case .separation:
            Problem(.conflict, "separation_of_duties", "A separation of duties forbids this", detail: refusal.description)
        case .outdated:
            Problem(.preconditionFailed, "policy_changed", "The policy is another one by now", detail: refusal.description)
        }
    }

    /// RFC 9470: the caller is who they say, and has to show more of it.
    private static func stepUp(_ maximumAge: Int64?) -> Problem {
        let age = maximumAge.map { ", max_age=\($0)" } ?? ""
        return Problem(
            .unauthorized, "step_up_required", "Show a second factor for this",
            detail: "Send one to POST /v1/auth/step-up and try again.", members: maximumAge.map { ["max_age": .int($0)] } ?? [:],
            headers: [
                .wwwAuthenticate:
                    "Bearer error=\"insufficient_user_authentication\", error_description=\"a second factor is wanted\"\(age)"
            ])
    }

    private static func problem(for error: AuthenticationError) -> Problem {
        switch error {
        case .refused:
            Problem(
                .unauthorized, "unauthorized", "The credentials are not valid", detail: "Sign in again, or check the API key.",
                headers: [.wwwAuthenticate: "Bearer"])
        case .notConfirmed:
            Problem(
                .forbidden, "not_confirmed", "The password is not right",
                detail: "This needs the password that you sign in with. After several wrong ones, wait a while before you try again.")
        case .overloaded: Problem(.serviceUnavailable, "overloaded", "Too many sign-ins at once", headers: [.retryAfter: "2"])
        case .tooManySessions:
            Problem(
                .forbidden, "too_many_sessions", "The user is signed in as often as may be",
                detail: "Sign out elsewhere first, or ask an administrator to end a session.")
        case .unavailable:
            Problem(.serviceUnavailable, "unavailable", "Signing in is not possible at the moment", headers: [.retryAfter: "5"])
        case .denied(let denial): problem(for: denial)
        case .invalid(let reason): .invalidRequest([], detail: reason)
        }
    }

    private static func problem(for error: StorageError) -> Problem {
        switch error.code {
        case .duplicate, .conflict: Problem(.conflict, "conflict", "This is there already, or was changed meanwhile")
        case .notFound: .notFound
        case .unknownCommit:
            Problem(
                .internalServerError, "outcome_unknown", "Whether this was done is not known",
                detail: "The database was lost while it was being recorded. Look it up before doing it again.")
        case .diskFull:
            Problem(
                .serviceUnavailable, "audit_unavailable", "Nothing can be recorded",
                detail: "The disk of the database is full. What was asked for was not done.", headers: [.retryAfter: "30"])
        default: Problem(.serviceUnavailable, "unavailable", "The database does not answer at the moment", headers: [.retryAfter: "5"])
        }
    }
}
