// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

// JSON and MessagePack of the host: what can be read is written, and that is read as the same value.

/// Equality that takes NaN for what it is: the same bits.
func same(_ left: Value, _ right: Value) -> Bool {
    switch (left, right) {
    case (.double(let left), .double(let right)): left.bitPattern == right.bitPattern
    case (.array(let left), .array(let right)): left.count == right.count && zip(left, right).allSatisfy(same)
    case (.map(let left), .map(let right)):
        left.count == right.count && left.allSatisfy { name, value in right[name].map { same(value, $0) } ?? false }
    default: left == right
    }
}

private func json(_ bytes: [UInt8]) {
    let value = try? JSON.parse(bytes)
    let located = try? JSON.parseLocated(bytes)
    require((value == nil) == (located == nil), "one way of reading takes it, the other does not")
    guard let value, let located else { return }
    require(same(value, located.value), "two ways of reading give two values")
    for pretty in [false, true] {
        let written = JSON.serialize(value, pretty: pretty)
        guard let again = try? JSON.parse(written, limits: ValueLimits(maxBytes: .max)) else {
            return require(false, "what was written is not read: \(String(decoding: written, as: UTF8.self))")
        }
        require(same(value, again), "what was written means something else: \(String(decoding: written, as: UTF8.self))")
        require(JSON.serialize(again, pretty: pretty) == written, "the canonical form has a canonical form")
    }
}

private func messagePack(_ bytes: [UInt8]) {
    guard let value = try? MessagePack.decode(bytes) else { return }
    let written = MessagePack.encode(value)
    guard let again = try? MessagePack.decode(written, limits: ValueLimits(maxBytes: .max)) else {
        return require(false, "what was written is not read: \(Hex.encode(written))")
    }
    require(same(value, again), "what was written means something else: \(value)")
}

/// Takes one input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let input = FuzzInput(start, count) else { return 0 }
    if input.choice & 1 == 0 { json(input.bytes) } else { messagePack(input.bytes) }
    return 0
}
