// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// A range of addresses such as `10.0.0.0/8` or `2001:db8::/32` (RFC 4632); a single address is a range of one.
public struct NetworkPrefix: Hashable, Sendable, CustomStringConvertible {
    /// The first address.
    public let first: IPAddress
    /// How many leading bits its addresses share.
    public let length: Int

    /// Reads a range; nil for anything else, and for one whose address has bits behind its length, which is a slip of somebody's pen.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = IPAddress(String(parts[0])) else { return nil }
        let width = address.bytes.count * 8
        guard parts.count == 2 else {
            self.init(first: address, length: width)
            return
        }
        guard let length = Self.number(parts[1]), length <= width, Self.masked(address.bytes, length) == address.bytes else { return nil }
        self.init(first: address, length: length)
    }

    private init(first: IPAddress, length: Int) {
        (self.first, self.length) = (first, length)
    }

    /// The range of this length around an address; the whole address when it is shorter.
    public init(around address: IPAddress, length: Int) {
        let length = max(0, min(length, address.bytes.count * 8))
        self.init(first: IPAddress(bytes: Self.masked(address.bytes, length)) ?? address, length: length)
    }

    /// Whether an address is inside.
    ///
    /// An IPv4 range does not contain the IPv4-mapped form: ask about ``IPAddress/unmapped`` where peers are meant.
    public func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == first.bytes.count else { return false }
        // Asked for many ranges at each request and each address that a plugin reaches out to: nothing is allocated.
        for index in address.bytes.indices where address.bytes[index] & Self.mask(index, length) != first.bytes[index] { return false }
        return true
    }

    /// The IPv4 range that a range of IPv4-mapped addresses stands for; any other range itself.
    public var unmapped: NetworkPrefix {
        guard first.isV6, length >= 96, !first.unmapped.isV6 else { return self }
        return NetworkPrefix(first: first.unmapped, length: length - 96)
    }

    /// As it is written.
    public var description: String { "\(first)/\(length)" }

    private static func number(_ text: Substring) -> Int? {
        guard (1...3).contains(text.utf8.count), text == "0" || text.first != "0", text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else {
            return nil
        }
        return Int(text)
    }

    private static func masked(_ bytes: [UInt8], _ length: Int) -> [UInt8] {
        bytes.indices.map { bytes[$0] & mask($0, length) }
    }

    /// The bits of one byte that belong to a prefix of this length.
    private static func mask(_ index: Int, _ length: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: 0xFF00 >> max(0, min(8, length - index * 8)))
    }
}
