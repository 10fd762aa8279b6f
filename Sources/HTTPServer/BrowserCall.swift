// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import HTTPTypes
import Host
import PluginAPI
import Security

/// The origins whose pages may sign in with cookies: none, unless the operator names them.
package struct BrowserOrigins: Sendable, Hashable {
    /// Why a text is no origin.
    package struct Invalid: Error, Sendable, Hashable, CustomStringConvertible {
        package let description: String
    }

    /// In the spelling that browsers send (RFC 6454, section 6.1).
    package let texts: Set<String>

    /// No origin: every session is a bearer's.
    package static let none = BrowserOrigins()

    private init() { texts = [] }

    /// Reads origins such as `https://panel.example`.
    ///
    /// - Parameter allowsLoopback: whether plain http may be used on the machine itself, for development.
    package init(_ origins: [String], allowsLoopback: Bool) throws(Invalid) {
        var texts: Set<String> = []
        for origin in origins {
            let target: RequestTarget
            do {
                target = try RequestTarget(origin)
            } catch {
                throw Invalid(description: "'\(origin)' \(error)")
            }
            guard target.path == "/", target.query == nil, !origin.hasSuffix("/") else {
                throw Invalid(
                    description: "'\(origin)' has a path: an origin is a scheme, a host and perhaps a port, such as https://panel.example")
            }
            guard target.scheme == .https || allowsLoopback && target.isLoopback else {
                throw Invalid(description: "'\(origin)' is not https: cookies would pass in the clear")
            }
            let host = target.host.contains(":") ? "[\(target.host)]" : target.host
            let port = target.port == target.scheme.defaultPort ? "" : ":\(target.port)"
            texts.insert("\(target.scheme.rawValue)://\(host)\(port)")
        }
        self.texts = texts
    }
}

/// What a request says about the browser that sent it: cookies, and which site's page was at work.
package struct BrowserCall: Sendable {
    /// Holds the access token.
    static let accessCookie = "__Host-panelhost-access"
    /// Holds the refresh token.
    static let refreshCookie = "__Host-panelhost-refresh"
    /// Holds the marks of devices.
    static let deviceCookie = "__Host-panelhost-device"

    private let method: HTTPRequest.Method
    private let headers: HTTPFields
    private let origins: BrowserOrigins

    package init(method: HTTPRequest.Method, headers: HTTPFields, origins: BrowserOrigins) {
        (self.method, self.headers, self.origins) = (method, headers, origins)
    }

    /// The access token in a cookie, if one of our own pages sent it; nil without such a cookie.
    func accessToken() throws(Problem) -> String? { try cookie(Self.accessCookie) }

    /// The refresh token in a cookie, if one of our own pages sent it; nil without such a cookie.
    func refreshToken() throws(Problem) -> String? { try cookie(Self.refreshCookie) }

    private func cookie(_ name: String) throws(Problem) -> String? {
        // Where no origin is named there are no sessions in cookies, and whatever comes in one is not ours.
        guard !origins.texts.isEmpty else { return nil }
        let value: String?
        do {
            value = try CookieHeader(headers[values: .cookie]).value(name)
        } catch {
            throw .unauthorized
        }
        if value != nil { try requireOwnPage() }
        return value
    }

    /// Refuses what another site's page may have made a browser send.
    ///
    /// `SameSite=Strict` keeps cookies out of such requests. This holds by itself where a browser does not know it, or the
    /// page stands on a neighbouring subdomain: a header that only a script may add and only after it asked, and the exact origin.
    func requireOwnPage() throws(Problem) {
        let site = headers[values: .secFetchSite]
        guard site.isEmpty || site == ["same-origin"] || site == ["none"] || site == ["same-site"] && hasOwnOrigin else { throw .crossSite }
        if method == .get || method == .head { return }
        guard headers[values: .browserSession] == ["1"], hasOwnOrigin else { throw .crossSite }
    }

    private var hasOwnOrigin: Bool {
        let values = headers[values: .origin]
        return values.count == 1 && values.allSatisfy(origins.texts.contains)
    }

    /// Whether the caller wants its tokens in cookies.
    var wantsCookies: Bool { headers[values: .browserSession] == ["1"] }

    /// What is said of the device: in a cookie by one of our own pages, else in a header by whoever keeps one.
    ///
    /// It is no credential by itself, and so no reason to refuse: what cannot be read is a device that is not known.
    var device: DeviceClaim {
        let name = DeviceName.guess(userAgent: headers[values: .userAgent].first)
        if wantsCookies, !origins.texts.isEmpty {
            return DeviceClaim(kept: try? CookieHeader(headers[values: .cookie]).value(Self.deviceCookie), name: name)
        }
        let values = headers[values: .device]
        return values.count == 1 ? DeviceClaim(kept: values[0], name: name) : .none
    }

    /// Refuses when there is no origin that may use cookies.
    func requireCookieMode() throws(Problem) {
        guard !origins.texts.isEmpty else {
            throw Problem(
                .forbidden, "cookies_off", "Sessions in cookies are switched off",
                detail: "The operator names the panel's origin with 'panelhost run --origin https://panel.example'.")
        }
        try requireOwnPage()
    }
}

extension Problem {
    static let crossSite = Problem(
        .forbidden, "cross_site", "The request did not come from the panel's own pages",
        detail: "With a session in cookies send 'Panelhost-Browser-Session: 1', from a page of an origin that the operator has named.")
}

extension HTTPFields {
    /// Both tokens in cookies that no script can read and no other site's request carries.
    static func sessionCookies(_ pair: TokenPair) -> HTTPFields {
        var fields = setting(
            (BrowserCall.accessCookie, pair.accessToken, pair.expiresIn),
            (BrowserCall.refreshCookie, pair.refreshToken, pair.refreshExpiresIn))
        // Stays when the session ends.
        if let device = pair.deviceCookie {
            fields.append(contentsOf: setting((BrowserCall.deviceCookie, device, DeviceCookie.lifetime / 1000)))
        }
        return fields
    }

    /// Takes both cookies back.
    static let noSessionCookies = setting((BrowserCall.accessCookie, "", 0), (BrowserCall.refreshCookie, "", 0))

    private static func setting(_ cookies: (name: String, value: String, seconds: Int64)...) -> HTTPFields {
        var fields = HTTPFields()
        for cookie in cookies {
            let text = "\(cookie.name)=\(cookie.value); Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=\(cookie.seconds)"
            fields.append(HTTPField(name: .setCookie, value: text))
        }
        return fields
    }
}
