// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

extension IPAddress {
    /// Why this address is not part of the public internet, or nil when it is.
    ///
    /// For IPv6 the rule is turned round: only global unicast (2000::/3) without the ranges that wrap or stand for something else.
    package var specialPurpose: String? {
        let ranges = isV6 ? Self.ranges6 : Self.ranges4
        if let range = ranges.first(where: { $0.prefix?.contains(self) ?? false }) { return range.purpose }
        return isV6 && bytes[0] & 0xE0 != 0x20 ? "reserved" : nil
    }

    private struct Range: Sendable {
        let prefix: NetworkPrefix?
        let purpose: String

        init(_ text: String, _ bits: Int, _ purpose: String) {
            prefix = NetworkPrefix("\(text)/\(bits)")
            self.purpose = purpose
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
