// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import PluginAPI
package import Security
internal import Values

/// Why a webhook was not believed.
package enum WebhookRejection: String, Error, Sendable, Hashable {
    case missingSignature = "missing_signature"
    case malformedSignature = "malformed_signature"
    case wrongSignature = "wrong_signature"
    case stale
}

/// Checks a provider's keyed hash over the raw bytes of one webhook, as the plugin's manifest declares it.
///
/// Pure.
package struct WebhookSignature: Sendable {
    private let profile: WebhookProfile

    /// Checks as `profile` says, which must be one that ``canVerify(_:)``.
    package init(_ profile: WebhookProfile) { self.profile = profile }

    /// Whether the host knows the declared way.
    package static func canVerify(_ profile: WebhookProfile) -> Bool {
        profile.verification == .hmac || profile.verification == .standardWebhooks
    }

    /// The signed header that names the message, for providers that send one.
    package static func idHeader(_ profile: WebhookProfile) -> String? {
        profile.verification == .standardWebhooks ? "webhook-id" : nil
    }

    /// The names of the headers that are looked at.
    package var headers: [String] {
        if profile.verification == .standardWebhooks { return ["webhook-id", "webhook-timestamp", "webhook-signature"] }
        return [profile.signatureHeader, profile.timestampHeader].compactMap(\.self)
    }

    /// Returns when the signature was made over `body` with one of the `secrets`; throws the reason otherwise.
    ///
    /// The signature is checked before the time: an outsider learns nothing about our clock.
    package func verify(body: [UInt8], headers: [String: String], secrets: [Secret], nowS: Int64) throws(WebhookRejection) {
        if profile.verification == .standardWebhooks { return try verifyStandard(body, headers, secrets, nowS) }
        guard let name = profile.signatureHeader, let header = headers[name], !header.isEmpty else { throw .missingSignature }
        guard header.utf8.count <= 4_096 else { throw .malformedSignature }
        let timestamp = try timestamp(header, headers)
        var candidates: [[UInt8]] = []
        for text in signatures(header) { candidates.append(try bytes(of: text)) }
        guard !candidates.isEmpty, let algorithm = HashAlgorithm(rawValue: profile.algorithm) else { throw .malformedSignature }
        try match(candidates, signed(timestamp: timestamp, body: body), secrets, algorithm)
        if let timestamp { try checkAge(timestamp, nowS) }
    }

    private func match(
        _ candidates: [[UInt8]], _ message: [UInt8], _ secrets: [Secret], _ algorithm: HashAlgorithm
    ) throws(WebhookRejection) {
        var matched = false
        for secret in secrets where !secret.isEmpty {
            let expected = HMAC.authenticate(message, key: secret, using: algorithm)
            for candidate in candidates where ConstantTime.equals(candidate, expected) { matched = true }
        }
        guard matched else { throw .wrongSignature }
    }

    /// standardwebhooks.com: `v1,<base64>`, separated by spaces, over `<id>.<timestamp>.<body>`; the key is base64 after `whsec_`.
    private func verifyStandard(
        _ body: [UInt8], _ headers: [String: String], _ secrets: [Secret], _ nowS: Int64
    ) throws(WebhookRejection) {
        guard let id = headers["webhook-id"], let timestamp = headers["webhook-timestamp"], let header = headers["webhook-signature"] else {
            throw .missingSignature
        }
        guard (1...255).contains(id.utf8.count), header.utf8.count <= 4_096 else { throw .malformedSignature }
        let candidates = header.split(separator: " ").filter { $0.hasPrefix("v1,") }.compactMap { Base64.decode($0.dropFirst(3)) }
        guard !candidates.isEmpty else { throw .malformedSignature }
        let message = StandardWebhook.signed(id: id, timestamp: timestamp, body: body)
        try match(candidates, message, secrets.compactMap(StandardWebhook.key), .sha256)
        try checkAge(timestamp, nowS)
    }

    /// The time, as it stands in the signed text.
    private func timestamp(_ header: String, _ headers: [String: String]) throws(WebhookRejection) -> String? {
        var found: String?
        if let key = profile.timestampKey {
            let values = Self.items(header).filter { $0.name == key }.map(\.value)
            guard values.count == 1 else { throw .malformedSignature }
            found = values[0]
        } else if let name = profile.timestampHeader {
            guard let value = headers[name] else { throw .malformedSignature }
            found = value
        }
        // What is signed needs the time even where nobody declared where it stands.
        guard found != nil || !profile.payload.contains("{timestamp}") else { throw .malformedSignature }
        return found
    }

    private func signatures(_ header: String) -> [String] {
        guard let key = profile.signatureKey else { return [header] }
        // Other schemes stand beside ours while a provider changes over, and two of ours while it changes its secret.
        return Self.items(header).filter { $0.name == key }.map(\.value)
    }

    private func bytes(of text: String) throws(WebhookRejection) -> [UInt8] {
        guard text.hasPrefix(profile.signaturePrefix) else { throw .malformedSignature }
        let encoded = text.dropFirst(profile.signaturePrefix.count)
        guard let bytes = profile.encoding == "base64" ? Base64.decode(encoded) : Hex.decode(encoded) else { throw .malformedSignature }
        return bytes
    }

    /// The declared text around the raw bytes, which are never read as text.
    private func signed(timestamp: String?, body: [UInt8]) -> [UInt8] {
        var message: [UInt8] = []
        var rest = profile.payload[...]
        while let open = rest.firstIndex(of: "{") {
            message += Array(rest[..<open].utf8)
            rest = rest[open...]
            if rest.hasPrefix("{timestamp}") {
                message += Array((timestamp ?? "").utf8)
                rest = rest.dropFirst("{timestamp}".count)
            } else if rest.hasPrefix("{body}") {
                message += body
                rest = rest.dropFirst("{body}".count)
            } else {
                message.append(UInt8(ascii: "{"))
                rest = rest.dropFirst()
            }
        }
        return message + Array(rest.utf8)
    }

    private func checkAge(_ timestamp: String, _ now: Int64) throws(WebhookRejection) {
        guard !timestamp.isEmpty, timestamp.utf8.count <= 12, timestamp.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let signedAt = Int64(timestamp)
        else { throw .malformedSignature }
        let tolerance = profile.tolerance.components.seconds
        guard signedAt >= now - tolerance, signedAt <= now + tolerance else { throw .stale }
    }

    /// `t=1,v1=abc` as pairs.
    private static func items(_ header: String) -> [(name: String, value: String)] {
        header.split(separator: ",", maxSplits: 32).compactMap { item in
            guard let equals = item.firstIndex(of: "=") else { return nil }
            return (String(item[..<equals].drop { $0 == " " }), String(item[item.index(after: equals)...]))
        }
    }
}
