// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import COpenSSL

/// Random bytes from libcrypto's generator.
public enum SecureRandom {
    /// So many random bytes.
    public static func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            fill(UnsafeMutableRawBufferPointer(buffer))
            filled = count
        }
    }

    /// A random secret.
    public static func secret(_ count: Int) -> Secret {
        Secret(byteCount: count) { fill($0) }
    }

    /// So many decimal digits, each value equally likely: what a person types in as a one-time code.
    public static func digits(_ count: Int) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(count)
        while text.count < count {
            // 250 to 255 would make 0 to 5 likelier than 6 to 9.
            for byte in bytes(count) where byte < 250 && text.count < count { text.append(UInt8(ascii: "0") + byte % 10) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func words() -> (UInt64, UInt64) {
        var words: (UInt64, UInt64) = (0, 0)
        withUnsafeMutableBytes(of: &words) { fill($0) }
        return words
    }

    static func fill(_ buffer: UnsafeMutableRawBufferPointer) {
        guard let base = buffer.baseAddress, !buffer.isEmpty else { return }
        let done = ErrorQueue.scoped {
            RAND_bytes_ex(nil, base.assumingMemoryBound(to: UInt8.self), buffer.count, 0)
        }
        // There is no safe way to go on without randomness.
        precondition(done == 1, "libcrypto has no random bytes: check the entropy source of this machine")
    }
}
