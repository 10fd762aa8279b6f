// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import HTTPTypes
package import Values

/// What went wrong with a request, in the form of RFC 9457 (`application/problem+json`).
///
/// Everything in a problem is safe to show to the caller: it never holds a plugin's text, a stack trace or a secret.
package struct Problem: Error, Sendable, Hashable {
    /// One field of the request that is wrong, and how.
    package struct FieldError: Sendable, Hashable {
        package var field: String
        package var message: String

        package init(_ field: String, _ message: String) {
            self.field = field
            self.message = message
        }
    }

    package var status: HTTPResponse.Status
    /// Stable, snake_case: what a program decides by.
    package var code: String
    package var title: String
    package var detail: String?
    package var errors: [FieldError]
    /// Further members, for example the payment that a failed call belongs to.
    package var members: [String: Value]
    package var headers: HTTPFields

    package init(
        _ status: HTTPResponse.Status, _ code: String, _ title: String, detail: String? = nil, errors: [FieldError] = [],
        members: [String: Value] = [:], headers: HTTPFields = [:]
    ) {
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.errors = errors
        self.members = members
        self.headers = headers
    }

    /// The body.
    ///
    /// `correlation` is what the caller quotes to the operator, who finds it in the log and the audit trail.
    package func body(correlation: String?) -> Value {
        var body = members
        body["type"] = .string("https://panelhost.dev/problems/\(code)")
        body["title"] = .string(title)
        body["status"] = .int(Int64(status.code))
        body["code"] = .string(code)
        if let correlation { body["correlation_id"] = .string(correlation) }
        if let detail { body["detail"] = .string(detail) }
        if !errors.isEmpty {
            body["errors"] = .array(errors.map { .map(["field": .string($0.field), "message": .string($0.message)]) })
        }
        return .map(body)
    }
}

extension Problem {
    package static func invalidRequest(_ errors: [FieldError], detail: String? = nil) -> Problem {
        Problem(.badRequest, "invalid_request", "The request is not valid", detail: detail, errors: errors)
    }

    package static func invalidField(_ field: String, _ message: String) -> Problem {
        invalidRequest([FieldError(field, message)])
    }

    package static let unauthorized = Problem(
        .unauthorized, "unauthorized", "Sign in first",
        detail: "Send 'Authorization: Bearer …' with a valid access token or API key.", headers: [.wwwAuthenticate: "Bearer"])

    /// One answer for what does not exist and for what belongs to somebody else.
    package static let notFound = Problem(.notFound, "not_found", "There is no such resource")

    package static let internalError = Problem(
        .internalServerError, "internal", "Something went wrong on our side",
        detail: "The operator finds the reason in the log under the correlation id.")
}
