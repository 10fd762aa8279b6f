// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
internal import Values

/// Signatures of standardwebhooks.com: `v1,<base64>` over `<id>.<timestamp>.<body>`, under a key that is written as base64 after `whsec_`.
package enum StandardWebhook {
    /// The key that a text stands for; nil when it is none.
    package static func key(_ text: Secret) -> Secret? {
        guard let text = text.revealedText(), let key = Base64.decode(text.hasPrefix("whsec_") ? text.dropFirst(6) : text[...]) else {
            return nil
        }
        return Secret(key)
    }

    /// What is signed.
    package static func signed(id: String, timestamp: String, body: [UInt8]) -> [UInt8] { Array("\(id).\(timestamp).".utf8) + body }

    /// The three headers of one message.
    package static func headers(id: String, seconds: Int64, body: [UInt8], key: Secret) -> [(name: String, value: String)] {
        let code = HMAC.authenticate(signed(id: id, timestamp: String(seconds), body: body), key: key)
        return [
            ("webhook-id", id), ("webhook-timestamp", String(seconds)), ("webhook-signature", "v1,\(Base64.encode(code))"),
        ]
    }
}
