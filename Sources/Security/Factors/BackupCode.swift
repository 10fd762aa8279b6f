// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Codes on paper for the day that the telephone is gone: 120 bits each, good once, stored hashed.
public enum BackupCode {
    /// Codes in a set.
    public static let count = 10
    /// Bits enough that a plain hash cannot be turned back by trying.
    static let byteCount = 15
    /// Without letters that are taken for others (Crockford).
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// A new set, as it is shown: `XXXX-XXXX-XXXX-XXXX-XXXX-XXXX`.
    public static func makeSet() -> [Secret] {
        (0..<count).map { _ in
            let letters = Array(Base32.encode(SecureRandom.bytes(byteCount), alphabet).utf8)
            var text: [UInt8] = []
            for (index, letter) in letters.enumerated() {
                if index > 0, index % 4 == 0 { text.append(UInt8(ascii: "-")) }
                text.append(letter)
            }
            return Secret(text)
        }
    }

    /// What a person typed in the one spelling that codes have; nil when it cannot be a code.
    static func normalize(_ text: some Collection<UInt8>) -> [UInt8]? {
        var letters: [UInt8] = []
        for byte in text {
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "-"): continue
            case UInt8(ascii: "o"), UInt8(ascii: "O"): letters.append(UInt8(ascii: "0"))
            case UInt8(ascii: "i"), UInt8(ascii: "I"), UInt8(ascii: "l"), UInt8(ascii: "L"): letters.append(UInt8(ascii: "1"))
            case UInt8(ascii: "a")...UInt8(ascii: "z"): letters.append(byte - 32)
            default: letters.append(byte)
            }
            guard letters.count <= byteCount * 8 / 5 else { return nil }
        }
        guard letters.count == byteCount * 8 / 5, letters.allSatisfy(alphabet.contains) else { return nil }
        return letters
    }

    /// What is stored of a code of a user; nil for what cannot be one.
    public static func hash(_ code: Secret, of user: UserID, in tenant: TenantID) -> [UInt8]? {
        guard code.count <= 128, let letters = code.withBytes({ normalize($0) }) else { return nil }
        var fields = LengthPrefixed("panelhost.backup_code.v1", tenant.description, user.description)
        fields.append(letters)
        return Hash.sha256(fields.bytes)
    }
}
