// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc

/// An IPv4 or IPv6 address as bytes, with the question that decides whether a plugin may reach it.
package struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// Four or sixteen bytes, network order.
    package let bytes: [UInt8]

    /// Whether it has sixteen bytes.
    package var isV6: Bool { bytes.count == 16 }

    /// Takes raw bytes; nil unless there are four or sixteen.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.bytes = bytes
    }

    /// Reads the plain textual forms only: a dotted quad without leading zeros, or RFC 4291 without a zone.
    package init?(_ text: String) {
        var v4 = in_addr()
        var v6 = in6_addr()
        if inet_pton(AF_INET, text, &v4) == 1 {
            bytes = withUnsafeBytes(of: &v4) { Array($0) }
        } else if inet_pton(AF_INET6, text, &v6) == 1 {
            bytes = withUnsafeBytes(of: &v6) { Array($0) }
        } else {
            return nil
        }
    }

    /// The canonical text, without brackets.
    package var description: String {
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = isV6 ? AF_INET6 : AF_INET
        guard inet_ntop(family, bytes, &buffer, socklen_t(buffer.count)) != nil else { return "?" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Why this address is not part of the public internet, or nil when it is.
    ///
    /// For IPv6 the rule is turned round: only global unicast (2000::/3) without the ranges that wrap or stand for something else.
    package var specialPurpose: String? {
        isV6 ? Self.specialPurpose(v6: bytes) : Self.specialPurpose(v4: bytes)
    }

    /// True for 127.0.0.0/8 and ::1.
    package var isLoopback: Bool { specialPurpose == "loopback" }

    private static func specialPurpose(v4 bytes: [UInt8]) -> String? {
        ranges4.first { $0.contains(bytes) }?.purpose
    }

    private static func specialPurpose(v6 bytes: [UInt8]) -> String? {
        if let range = ranges6.first(where: { $0.contains(bytes) }) { return range.purpose }
        return bytes[0] & 0xE0 == 0x20 ? nil : "reserved"
    }

    private struct Range: Sendable {
        let prefix: [UInt8]
        let bits: Int
        let purpose: String

        init(_ text: String, _ bits: Int, _ purpose: String) {
            prefix = IPAddress(text)?.bytes ?? []
            self.bits = bits
            self.purpose = purpose
        }

        func contains(_ bytes: [UInt8]) -> Bool {
            guard prefix.count == bytes.count else { return false }
            let whole = bits / 8
            guard prefix[..<whole] == bytes[..<whole] else { return false }
            guard bits % 8 != 0 else { return true }
            let mask = UInt8(truncatingIfNeeded: 0xFF00 >> (bits % 8))
            return prefix[whole] & mask == bytes[whole] & mask
        }
    }

    // IANA special-purpose registries; cloud metadata first, so that the refusal names it.
    private static let ranges4: [Range] = [
        Range("169.254.169.254", 32, "metadata service"), Range("168.63.129.16", 32, "metadata service"),
        Range("100.100.100.200", 32, "metadata service"), Range("192.0.0.192", 32, "metadata service"),
        Range("0.0.0.0", 8, "unspecified"), Range("10.0.0.0", 8, "private"), Range("100.64.0.0", 10, "carrier-grade NAT"),
        Range("127.0.0.0", 8, "loopback"), Range("169.254.0.0", 16, "link-local"), Range("172.16.0.0", 12, "private"),
        Range("192.0.0.0", 24, "reserved"), Range("192.0.2.0", 24, "documentation"), Range("192.31.196.0", 24, "reserved"),
        Range("192.52.193.0", 24, "reserved"), Range("192.88.99.0", 24, "6to4 relay"), Range("192.168.0.0", 16, "private"),
        Range("192.175.48.0", 24, "reserved"), Range("198.18.0.0", 15, "benchmarking"), Range("198.51.100.0", 24, "documentation"),
        Range("203.0.113.0", 24, "documentation"), Range("224.0.0.0", 4, "multicast"), Range("240.0.0.0", 4, "reserved"),
    ]
    private static let ranges6: [Range] = [
        Range("fd00:ec2::254", 128, "metadata service"), Range("::", 128, "unspecified"), Range("::1", 128, "loopback"),
        Range("::ffff:0:0", 96, "IPv4-mapped"), Range("::ffff:0:0:0", 96, "IPv4-translated"), Range("::", 96, "IPv4-compatible"),
        Range("64:ff9b::", 96, "NAT64"), Range("64:ff9b:1::", 48, "NAT64"), Range("100::", 64, "discard"),
        Range("2001::", 32, "Teredo"), Range("2001::", 23, "reserved"), Range("2001:db8::", 32, "documentation"),
        Range("2002::", 16, "6to4"), Range("3fff::", 20, "documentation"), Range("fc00::", 7, "private"),
        Range("fe80::", 10, "link-local"), Range("fec0::", 10, "site-local"), Range("ff00::", 8, "multicast"),
    ]
}
