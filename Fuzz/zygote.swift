// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Sandbox

// The zygote's messages: fixed records that are taken whole or not at all, wherever in a buffer they stand.

/// Takes one input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let input = FuzzInput(start, count) else { return 0 }
    let message = ZygoteMessage(input.bytes)
    let slice = ([input.choice] + input.bytes + [0]).dropFirst().dropLast()
    require(ZygoteMessage(slice) == message, "a slice reads differently")
    func word(_ index: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(input.bytes[4 * index + $1]) << UInt32(8 * $1) } }
    switch message {
    case nil: break
    case .hello(let version, let layers, let pid):
        require(word(0) == 4 && version == word(1) && layers.rawValue == word(2) && pid == Int32(bitPattern: word(3)), "\(message as Any)")
        let order = ZygoteMessage.spawn(sequence: version, addressSpace: UInt64(word(2)) << 32 | UInt64(word(3)), cpuSeconds: word(1))
        require(order.count == 24 && Array(order[4..<8]) == Array(input.bytes[4..<8]), "an order of \(order.count) bytes")
    case .spawned(let sequence, let pid, let error):
        require(word(0) == 2 && sequence == word(1) && pid == Int32(bitPattern: word(2)) && error == Int32(bitPattern: word(3)), "spawned")
    case .exited(let pid, let exit):
        require(word(0) == 3 && input.bytes.count == 32 && pid == Int32(bitPattern: word(2)), "exited")
        require(!exit.description.isEmpty, "an exit without a text")
    }
    return 0
}
