// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc

/// AES-256-GCM as libcrypto's own program measures it: one key, one nonce, nothing authenticated beside it, no key looked up.
enum OpenSSLSpeed {
    /// Operations a second, the best of three; nil where the program is not installed.
    static func operations(byteCount: Int, decrypting: Bool) -> Int64? {
        (0..<3).compactMap { _ in
            bytesPerSecond("openssl speed -mr -seconds 1 -bytes \(byteCount)\(decrypting ? " -decrypt" : "") -evp aes-256-gcm 2>/dev/null")
        }.max().map { Int64($0 / Double(byteCount)) }
    }

    /// Of a line such as `+F:25:AES-256-GCM:95107722.77`.
    private static func bytesPerSecond(_ command: String) -> Double? {
        guard let pipe = popen(command, "r") else { return nil }
        defer { pclose(pipe) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), pipe) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            guard text.hasPrefix("+F:"), let rate = text.split(separator: ":").last else { continue }
            return Double(rate.filter { !$0.isWhitespace })
        }
        return nil
    }
}
