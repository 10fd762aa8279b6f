// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What the zygote says and is told: fixed little-endian records, one in a message.
package enum ZygoteMessage: Sendable, Hashable {
    /// The first message: its version, and the layers that it could apply to itself.
    case hello(version: UInt32, layers: SandboxLayers, pid: Int32)
    /// A cell's process exists, or does not for the reason in `error`.
    case spawned(sequence: UInt32, pid: Int32, error: Int32)
    /// A cell's process has ended.
    case exited(pid: Int32, CellExit)

    /// The version that both sides must speak.
    package static let version: UInt32 = 1

    /// Reads one message; nil when it is none.
    package init?(_ bytes: some RandomAccessCollection<UInt8>) {
        func word(_ index: Int) -> UInt32 {
            let start = bytes.index(bytes.startIndex, offsetBy: 4 * index)
            return bytes[start...].prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }
        guard bytes.count >= 16 else { return nil }
        switch (word(0), bytes.count) {
        case (4, 16): self = .hello(version: word(1), layers: SandboxLayers(rawValue: word(2)), pid: Int32(bitPattern: word(3)))
        case (2, 16): self = .spawned(sequence: word(1), pid: Int32(bitPattern: word(2)), error: Int32(bitPattern: word(3)))
        case (3, 32):
            self = .exited(pid: Int32(bitPattern: word(2)), CellExit(waitStatus: Int32(bitPattern: word(3))))
        default: return nil
        }
    }

    /// The order to make a cell's process.
    package static func spawn(sequence: UInt32, addressSpace: UInt64, cpuSeconds: UInt32) -> [UInt8] {
        var bytes: [UInt8] = []
        func append(_ value: some FixedWidthInteger) { withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) } }
        append(UInt32(1))
        append(sequence)
        append(addressSpace)
        append(cpuSeconds)
        append(UInt32(0))
        return bytes
    }
}
