// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// How API keys look: `ph_<env>_<id>_<secret><crc>`.
///
/// The id is the row's, 32 hex digits; the secret is 240 random bits in 48 letters; the CRC over all that stands before
/// lets a scanner for leaked keys tell a key from noise. One spelling per key: any other is refused before a look-up.
public struct APIKeyFormat: Sendable {
    /// The public part.
    public let id: APIKeyID
    /// SHA-256 of the whole text: what is stored.
    public let hash: [UInt8]

    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
    private static let secretByteCount = 30
    private static let secretLength = 48
    private static let checkLength = 8

    /// Reads a key of the given environment.
    public init?(_ text: String, environment: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "_"), maxSplits: 4, omittingEmptySubsequences: false)
        guard text.utf8.count <= 128, parts.count == 4, parts[0].elementsEqual("ph".utf8), parts[1].elementsEqual(environment.utf8),
            let id = Self.identifier(parts[2]), parts[3].count == Self.secretLength + Self.checkLength,
            parts[3].prefix(Self.secretLength).allSatisfy(Self.alphabet.contains)
        else { return nil }
        let checked = text.utf8.prefix(text.utf8.count - Self.checkLength)
        guard text.utf8.suffix(Self.checkLength).elementsEqual(Self.check(checked)) else { return nil }
        self.id = id
        hash = Hash.sha256(text.utf8)
    }

    private init(id: APIKeyID, hash: [UInt8]) {
        self.id = id
        self.hash = hash
    }

    /// Makes a new key: the text to show once, and what is stored of it.
    public static func make(environment: String, id: APIKeyID = .make()) -> (text: Secret, stored: APIKeyFormat) {
        var bytes = Array("ph_\(environment)_".utf8)
        bytes.append(contentsOf: id.description.utf8.filter { $0 != UInt8(ascii: "-") })
        bytes.append(UInt8(ascii: "_"))
        // 5 bits a letter and 240 bits: no letter has bits to spare, so none can be changed without changing the value.
        var buffer: UInt32 = 0
        var bits = 0
        for byte in SecureRandom.bytes(secretByteCount) {
            buffer = (buffer << 8 | UInt32(byte)) & 0xFFFF
            bits += 8
            while bits >= 5 {
                bits -= 5
                bytes.append(alphabet[Int(buffer >> UInt32(bits) & 31)])
            }
        }
        bytes.append(contentsOf: check(bytes))
        return (Secret(bytes), APIKeyFormat(id: id, hash: Hash.sha256(bytes)))
    }

    /// Whether a name can stand in the middle of a key: 2 to 8 lower-case letters.
    public static func isEnvironment(_ name: String) -> Bool {
        (2...8).contains(name.utf8.count) && name.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
    }

    private static func identifier(_ digits: Substring.UTF8View) -> APIKeyID? {
        guard digits.count == 32 else { return nil }
        var text: [UInt8] = []
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { text.append(UInt8(ascii: "-")) }
            text.append(digit)
        }
        return APIKeyID(String(decoding: text, as: UTF8.self))
    }

    /// CRC-32 as 8 lower-case hex digits.
    ///
    /// It protects against typing errors, not against people.
    private static func check(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var crc: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        crc = ~crc
        return stride(from: 28, through: 0, by: -4).map { LowerHex.digit(UInt8(truncatingIfNeeded: crc >> UInt32($0))) }
    }
}
