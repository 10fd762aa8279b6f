// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

/// What argon2id costs: memory in KiB, passes, lanes.
public struct PasswordCost: Sendable, Hashable {
    /// KiB of memory per hash.
    public let memory: UInt32
    /// Passes over the memory.
    public let passes: UInt32
    /// Lanes.
    public let lanes: UInt32

    /// The least that is accepted for new hashes: 19 MiB, two passes, one lane (OWASP).
    public static let floor = PasswordCost(known: 19_456, 2, 1)

    /// A cost of at least the floor, and of at most 1 GiB, 16 passes and 8 lanes; nil otherwise.
    public init?(memory: UInt32, passes: UInt32, lanes: UInt32) {
        guard (19_456...1_048_576).contains(memory), (2...16).contains(passes), (1...8).contains(lanes) else { return nil }
        self.init(known: memory, passes, lanes)
    }

    /// Reads `m=…,t=…,p=…`, within the same bounds.
    public init?(_ text: String) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        let numbers = zip(["m=", "t=", "p="], parts).compactMap { name, part in part.hasPrefix(name) ? UInt32(part.dropFirst(2)) : nil }
        guard numbers.count == 3 else { return nil }
        self.init(memory: numbers[0], passes: numbers[1], lanes: numbers[2])
    }

    init(known memory: UInt32, _ passes: UInt32, _ lanes: UInt32) {
        self.memory = memory
        self.passes = passes
        self.lanes = lanes
    }
}

extension PasswordCost: CustomStringConvertible {
    /// `m=…,t=…,p=…`, as in a hash.
    public var description: String { "m=\(memory),t=\(passes),p=\(lanes)" }
}

/// A password hash in the PHC string format: `$argon2id$v=19$m=…,t=…,p=…,keyid=…$salt$hash`.
package struct PHCString: Hashable, Sendable {
    package var cost: PasswordCost
    /// The id of the pepper that went in front, or nil for none.
    package var pepper: String?
    package var salt: [UInt8]
    package var hash: [UInt8]

    package init(cost: PasswordCost, pepper: String?, salt: [UInt8], hash: [UInt8]) {
        self.cost = cost
        self.pepper = pepper
        self.salt = salt
        self.hash = hash
    }

    /// Reads the string; anything out of bounds is refused, since a stored cost decides how much memory is taken.
    package init?(_ text: String) {
        guard text.utf8.count <= 512 else { return nil }
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].isEmpty, parts[1] == "argon2id", parts[2] == "v=19" else { return nil }
        let names = ["m", "t", "p", "keyid"]
        let parameters = parts[3].split(separator: ",", omittingEmptySubsequences: false)
        guard parameters.count == 3 || parameters.count == 4 else { return nil }
        var numbers: [UInt32] = []
        for (name, parameter) in zip(names, parameters) {
            guard parameter.hasPrefix("\(name)=") else { return nil }
            let value = parameter.dropFirst(name.count + 1)
            if name == "keyid" {
                guard let bytes = Self.decode(value), !bytes.isEmpty, let id = String(validating: bytes, as: UTF8.self) else { return nil }
                pepper = id
            } else {
                guard let number = UInt32(value), String(number) == value else { return nil }
                numbers.append(number)
            }
        }
        // Below the floor is allowed here: imported hashes are checked once and then replaced.
        guard (8...1_048_576).contains(numbers[0]), (1...16).contains(numbers[1]), (1...8).contains(numbers[2]),
            numbers[0] >= 8 * numbers[2],
            let salt = Self.decode(parts[4]), (8...64).contains(salt.count),
            let hash = Self.decode(parts[5]), (16...64).contains(hash.count)
        else { return nil }
        cost = PasswordCost(known: numbers[0], numbers[1], numbers[2])
        self.salt = salt
        self.hash = hash
    }

    package var text: String {
        let key = pepper.map { ",keyid=\(Self.encode(Array($0.utf8)))" } ?? ""
        return "$argon2id$v=19$\(cost)\(key)$\(Self.encode(salt))$\(Self.encode(hash))"
    }

    // The format takes base64 without padding.
    private static func encode(_ bytes: [UInt8]) -> String {
        String(Base64.encode(bytes).prefix { $0 != "=" })
    }

    private static func decode(_ text: Substring) -> [UInt8]? {
        guard !text.utf8.contains(UInt8(ascii: "=")) else { return nil }
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        return Base64.decode(text + padding)
    }
}
