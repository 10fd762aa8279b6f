// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Synchronization

/// One unwrapped key, with the uses that this process may still make of it.
final class DataKey: Sendable {
    let id: KeyID
    let version: Int
    let slot: KeySlot
    let cipher: AESGCMKey

    private let reserved = Mutex<Int64>(0)

    init(_ stored: WrappedKey, cipher: AESGCMKey) {
        id = stored.id
        version = stored.version
        slot = stored.slot
        self.cipher = cipher
    }

    /// Takes one of the reserved uses; false when there is none left.
    func takeUse() -> Bool {
        reserved.withLock { reserved in
            guard reserved > 0 else { return false }
            reserved -= 1
            return true
        }
    }

    func addUses(_ count: Int64) {
        reserved.withLock { $0 += count }
    }
}

/// How often one version of a key may encrypt (SP 800-38D: random nonces are safe up to 2^32 messages).
public struct KeyUseLimits: Sendable, Hashable {
    /// From here on a new version takes over.
    public var soft: Int64 = 1 << 31
    /// Here encryption stops.
    public var hard: Int64 = 1 << 32
    /// Uses that are reserved at a time; those left over when a process ends are lost.
    public var block: Int64 = 1024

    /// Limits; the defaults are right outside of tests.
    public init(soft: Int64 = 1 << 31, hard: Int64 = 1 << 32, block: Int64 = 1024) {
        self.soft = soft
        self.hard = hard
        self.block = block
    }
}
