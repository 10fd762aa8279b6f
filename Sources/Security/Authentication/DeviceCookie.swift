// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

/// What a client keeps to be known again: one mark for each account that was last used with it, the newest first.
///
/// A mark is `d1.KEY.DEVICE.MAC`; several stand with `~` between. The MAC covers tenant and user, which are not in it: a mark is
/// good for the account that it was made for and tells nothing of it to anybody else. Everything here is hostile until ``DeviceMark``
/// was checked with the key, and there is one spelling.
public struct DeviceCookie: Sendable, Hashable {
    /// Milliseconds for which a browser keeps a cookie at most; each sign-in begins them anew.
    package static let lifetime: Int64 = 400 * 86_400_000
    /// How many accounts a client is known for.
    package static let maximumMarks = 4
    package static let maximumByteCount = maximumMarks * 128

    let marks: [DeviceMark]

    /// Reads what a client sent; nil for anything that was never written here.
    public init?(_ text: String) {
        guard text.utf8.count <= Self.maximumByteCount else { return nil }
        let parts = text.utf8.split(separator: UInt8(ascii: "~"), omittingEmptySubsequences: false)
        let marks = parts.compactMap { DeviceMark($0) }
        guard marks.count == parts.count, (1...Self.maximumMarks).contains(marks.count), Set(marks.map(\.device)).count == marks.count
        else { return nil }
        self.marks = marks
    }

    private init(_ marks: [DeviceMark]) {
        self.marks = marks
    }

    /// A mark in front of those that a client holds already, in place of an older one of the same device.
    init(_ mark: DeviceMark, before others: DeviceCookie?) {
        self.init([mark] + (others?.marks ?? []).filter { $0.device != mark.device }.prefix(Self.maximumMarks - 1))
    }

    /// As it is kept.
    public var text: String { marks.map(\.text).joined(separator: "~") }
}

/// One device's mark.
struct DeviceMark: Sendable, Hashable {
    private static let version = "d1"

    let key: String
    let device: DeviceID
    private let code: [UInt8]

    fileprivate init?(_ text: Substring.UTF8View) {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0].elementsEqual(Self.version.utf8), (1...36).contains(parts[1].count),
            parts[1].allSatisfy(Self.isKeyByte), let device = DeviceID(String(Substring(parts[2]))),
            let code = Base64.decode(Substring(parts[3]), url: true), code.count == 32
        else { return nil }
        (key, self.device, self.code) = (String(Substring(parts[1])), device, code)
    }

    private init(key: String, device: DeviceID, code: [UInt8]) {
        (self.key, self.device, self.code) = (key, device, code)
    }

    /// The mark of an account's device under the key in force.
    static func make(_ device: DeviceID, user: UserID, tenant: TenantID, keys: HostKeys) -> DeviceMark? {
        let entry = keys.current(.device)
        guard let key = entry.key else { return nil }
        return DeviceMark(
            key: entry.id, device: device,
            code: HMAC.authenticate(covered(entry.id, device, user, tenant), key: key))
    }

    /// Whether it was made here for this account, under a key that is still accepted.
    func isValid(user: UserID, tenant: TenantID, keys: HostKeys) -> Bool {
        guard let key = keys.entry(.device, id: key)?.key else { return false }
        return HMAC.isValid(code, for: Self.covered(self.key, device, user, tenant), key: key)
    }

    var text: String { "\(Self.version).\(key).\(device).\(Base64.encode(code, url: true))" }

    private static func covered(_ key: String, _ device: DeviceID, _ user: UserID, _ tenant: TenantID) -> [UInt8] {
        LengthPrefixed("panelhost.device.v1", key, tenant.description, user.description, device.description).bytes
    }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
        default: false
        }
    }
}
