// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Decides by its name whether a field holds something that must not be written down.
package enum SensitiveKey {
    /// Anywhere in the name.
    private static let anywhere: [StaticString] = ["pass", "secret", "token", "apikey", "auth", "cookie", "signature"]
    /// At the start or end of a word only: `pin` is also in `shipping`, and `otp` in `hotpath`.
    private static let atWordEdge: [StaticString] = ["otp", "pin", "cvv", "cvc"]

    package static func matches(_ name: some Collection<UInt8>) -> Bool {
        guard name.count >= 3, name.count <= 256 else { return false }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: name.count) { joined in
            // Lower case, with separators left out, so that `api_key`, `Api-Key` and `apiKey` are one name.
            var count = 0
            for byte in name where byte != UInt8(ascii: "_") && byte != UInt8(ascii: "-") {
                joined[count] = lower(byte)
                count += 1
            }
            let whole = UnsafeBufferPointer(rebasing: joined[..<count])
            if anywhere.contains(where: { contains(whole, $0) }) { return true }
            return edges(name)
        }
    }

    private static func edges(_ name: some Collection<UInt8>) -> Bool {
        var word: [UInt8] = []
        var previousIsLower = false
        for byte in name {
            let isUpper = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            let isLetter = isUpper || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            if !isLetter || isUpper && previousIsLower {
                if isEdged(word) { return true }
                word.removeAll(keepingCapacity: true)
            }
            if isLetter { word.append(lower(byte)) }
            previousIsLower = isLetter && !isUpper
        }
        return isEdged(word)
    }

    private static func isEdged(_ word: [UInt8]) -> Bool {
        guard word.count >= 3 else { return false }
        return atWordEdge.contains { term in
            let term = UnsafeBufferPointer(start: term.utf8Start, count: term.utf8CodeUnitCount)
            return word.starts(with: term) || word.suffix(term.count).elementsEqual(term)
        }
    }

    private static func contains(_ name: UnsafeBufferPointer<UInt8>, _ term: StaticString) -> Bool {
        let count = term.utf8CodeUnitCount
        guard name.count >= count else { return false }
        for start in 0...(name.count - count) where name[start] == term.utf8Start[0] {
            var at = 1
            while at < count, name[start + at] == term.utf8Start[at] { at += 1 }
            if at == count { return true }
        }
        return false
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
