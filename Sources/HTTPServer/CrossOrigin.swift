// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPTypes
import Host
import Security
import Synchronization

/// A request that another site's page made a browser send, and whether that page may read the answer (Fetch, CORS protocol).
///
/// An origin is compared as a whole and never mirrored unseen: it is one that the operator has named, or the caller's tenant. Only
/// the operator's may send cookies along.
package final class CrossOrigin: Sendable {
    private enum Reader: Sendable {
        /// Whose data it would be is not known yet.
        case undecided
        case nobody
        case page(withCookies: Bool)
    }

    /// What the browser says it acts for; nil when it says nothing.
    private let origin: String?
    private let isOperators: Bool
    private let isOwnPage: Bool
    private let reader: Mutex<Reader>

    /// - Parameter authority: host and port that the request was sent to.
    init(_ headers: HTTPFields, authority: String?, origins: BrowserOrigins) {
        let values = headers[values: .origin]
        // Two of them are one that nobody has named.
        let origin = values.isEmpty ? nil : values.joined(separator: ", ")
        self.origin = origin
        isOperators = origin.map(origins.texts.contains) ?? false
        // A page of this very host, whose name in front of a proxy nobody told us; a browser lets no page choose either header.
        isOwnPage =
            headers[values: .secFetchSite] == ["same-origin"]
            || authority.map { origin == "https://\($0.lowercased())" || origin == "http://\($0.lowercased())" } ?? false
        reader = Mutex(isOperators ? .page(withCookies: true) : origin == nil ? .nobody : .undecided)
    }

    /// Decides by what the caller's tenant says; refuses a page that it does not name.
    func settle(_ principal: Principal) throws(Problem) {
        guard let origin, !isOperators else { return }
        let isNamed = principal.origins.contains(origin)
        reader.withLock { $0 = isNamed ? .page(withCookies: false) : .nobody }
        guard isNamed || isOwnPage else { throw .foreignOrigin }
    }

    /// Decides where nobody has been recognised.
    ///
    /// - Parameter isNamed: whether the tenant at the door names the origin, or some tenant where it is not known which.
    func settle(_ isNamed: (String) async -> Bool) async {
        guard let origin, case .undecided = reader.withLock({ $0 }) else { return }
        let isNamed = await isNamed(origin)
        reader.withLock { $0 = isNamed ? .page(withCookies: false) : .nobody }
    }

    /// What the answer says of it.
    var headers: HTTPFields {
        var fields = HTTPFields()
        guard let origin, case .page(let withCookies) = reader.withLock({ $0 }) else { return fields }
        fields[.accessControlAllowOrigin] = origin
        if withCookies { fields[.accessControlAllowCredentials] = "true" }
        return fields
    }

    // MARK: Questions in advance

    /// What a browser may send that asks before it does.
    static let requestHeaders = "authorization, content-type, idempotency-key, panelhost-browser-session, panelhost-device"
    /// What pages may read beside the body.
    static let exposedHeaders = "panelhost-correlation-id, panelhost-device, idempotent-replayed, ratelimit, ratelimit-policy, retry-after"

    /// Seconds that a browser may keep the answer; the request itself is judged again.
    private static let maximumAge = 600

    /// Whether a request asks whether another one may be sent.
    static func isPreflight(_ method: HTTPRequest.Method, _ headers: HTTPFields) -> Bool {
        method == .options && headers[.accessControlRequestMethod] != nil && headers[.origin] != nil
    }

    /// The answer, once it is decided who may read.
    func preflight(_ methods: [HTTPRequest.Method]) throws(Problem) -> HTTPFields {
        guard case .page = reader.withLock({ $0 }) else { throw .foreignOrigin }
        var fields = headers
        fields[.accessControlAllowMethods] = methods.map(\.rawValue).joined(separator: ", ")
        fields[.accessControlAllowHeaders] = Self.requestHeaders
        fields[.accessControlMaxAge] = "\(Self.maximumAge)"
        return fields
    }
}

extension Problem {
    static let foreignOrigin = Problem(
        .forbidden, "foreign_origin", "Pages of this origin may not use the API",
        detail: "An administrator of the tenant names it: 'panelhost tenant origins add', or POST /v1/tenants/{tenant}/origins.")
}
