// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Time-based one-time passwords (RFC 6238) with what every authenticator app can: SHA-1, six digits, thirty seconds.
public struct TOTP: Sendable {
    /// Seconds that one code belongs to.
    public static let period: Int64 = 30
    /// Digits of a code.
    public static let digitCount = 6
    /// How many periods a clock may be ahead or behind.
    public static let drift: Int64 = 1
    /// Bytes of a new secret: as long as the digest (RFC 4226, section 4, R6).
    static let secretByteCount = 20

    private let secret: Secret
    private let digits: Int

    /// A generator over a shared secret.
    public init(secret: Secret) { self.init(secret: secret, digits: Self.digitCount) }

    /// The RFC's own test vectors have eight digits.
    package init(secret: Secret, digits: Int) { (self.secret, self.digits) = (secret, digits) }

    /// A new secret.
    public static func makeSecret() -> Secret { SecureRandom.secret(secretByteCount) }

    /// The period that a moment in milliseconds since 1970 lies in.
    public static func counter(at now: Int64) -> Int64 { now / 1000 / period }

    /// The code of one period, as ASCII digits (RFC 4226, section 5.3).
    package func code(_ counter: Int64) -> [UInt8] {
        let message = withUnsafeBytes(of: counter.bigEndian) { Array($0) }
        let digest = HMAC.authenticate(message, key: secret, using: .sha1)
        let offset = Int(digest[digest.count - 1] & 0x0f)
        var number = digest[offset..<(offset + 4)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7fff_ffff
        var code = [UInt8](repeating: 0, count: digits)
        for place in code.indices.reversed() {
            code[place] = UInt8(ascii: "0") + UInt8(number % 10)
            number /= 10
        }
        return code
    }

    /// The period that a code belongs to, if it is one of those around a moment.
    ///
    /// Every candidate is looked at in constant time. Of two that fit the later one is taken: what comes before it is used up with it.
    public func counter(of code: [UInt8], at now: Int64) -> Int64? {
        let current = Self.counter(at: now)
        var found: Int64?
        for counter in (current - Self.drift)...(current + Self.drift) where counter >= 0 {
            if ConstantTime.equals(self.code(counter), code) { found = counter }
        }
        return found
    }

    /// What an authenticator app reads, as text or from a picture of it (the Key URI format).
    public func uri(issuer: String, account: String) -> Secret {
        let (issuer, account) = (Self.escaped(issuer), Self.escaped(account))
        let text = Base32.encode(secret.revealedBytes())
        return Secret(
            "otpauth://totp/\(issuer):\(account)?secret=\(text)&issuer=\(issuer)&algorithm=SHA1&digits=\(digits)&period=\(Self.period)")
    }

    /// The secret as people type it in when they cannot scan.
    public var text: Secret { Secret(Base32.encode(secret.revealedBytes())) }

    /// Everything but the unreserved characters of RFC 3986 escaped; a colon would end the label's first part.
    private static func escaped(_ text: String) -> String {
        let hex = Array("0123456789ABCDEF".utf8)
        var out: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                out.append(byte)
            default: out += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}

/// Base32 without padding (RFC 4648, section 6): what authenticator apps take secrets in.
package enum Base32 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    package static func encode(_ bytes: [UInt8]) -> String { encode(bytes, alphabet) }

    /// The same grouping of bits with other characters.
    static func encode(_ bytes: [UInt8], _ alphabet: [UInt8]) -> String {
        var text: [UInt8] = []
        var (bits, count): (UInt32, Int) = (0, 0)
        for byte in bytes {
            (bits, count) = (bits << 8 | UInt32(byte), count + 8)
            while count >= 5 {
                count -= 5
                text.append(alphabet[Int(bits >> UInt32(count)) & 31])
            }
            bits &= (1 << UInt32(count)) - 1
        }
        if count > 0 { text.append(alphabet[Int(bits << UInt32(5 - count)) & 31]) }
        return String(decoding: text, as: UTF8.self)
    }
}
