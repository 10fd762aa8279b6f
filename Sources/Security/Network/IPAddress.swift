// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Glibc

/// An IPv4 or IPv6 address as bytes.
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// Four or sixteen bytes, network order.
    public let bytes: [UInt8]

    /// Whether it has sixteen bytes.
    public var isV6: Bool { bytes.count == 16 }

    /// Takes raw bytes; nil unless there are four or sixteen.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.bytes = bytes
    }

    /// Reads the plain textual forms only: a dotted quad without leading zeros, or RFC 4291 without a zone.
    public init?(_ text: String) {
        guard text.utf8.count <= 64, !text.utf8.contains(0) else { return nil }
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

    /// The IPv4 address that an IPv4-mapped one stands for (RFC 4291, section 2.5.5.2); any other address itself.
    ///
    /// A listener on both protocols names the same peer by either form, so rules are asked about this one.
    public var unmapped: IPAddress {
        guard isV6, bytes.prefix(12) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF] else { return self }
        return IPAddress(bytes: Array(bytes.suffix(4))) ?? self
    }

    /// True for 127.0.0.0/8 and ::1.
    package var isLoopback: Bool { isV6 ? bytes.last == 1 && bytes.dropLast().allSatisfy { $0 == 0 } : bytes[0] == 127 }

    /// The canonical text, without brackets.
    public var description: String {
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = isV6 ? AF_INET6 : AF_INET
        guard inet_ntop(family, bytes, &buffer, socklen_t(buffer.count)) != nil else { return "?" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
