// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Synchronization

/// One unwrapped key, with the uses that this process may still make of it.
final class DataKey: Sendable {
    let id: KeyID
    let version: Int
    let slot: KeySlot
    let cipher: AESGCMKey
    /// The key's id as text, which is part of what each tag covers.
    let idText: String
    /// The key itself, for the one kind that does not encrypt.
    let mac: Secret?

    private let reserved: Mutex<Int64>

    init(_ stored: WrappedKey, key: Secret, uses: Int64 = 0) throws(CryptoError) {
        id = stored.id
        idText = stored.id.description
        version = stored.version
        slot = stored.slot
        cipher = try AESGCMKey(key)
        mac = stored.slot.kind == .pseudonym ? key : nil
        reserved = Mutex(uses)
    }

    /// Takes one of the reserved uses and answers how many are left; nil when there was none.
    func takeUse() -> Int64? {
        reserved.withLock { reserved in
            guard reserved > 0 else { return nil }
            reserved -= 1
            return reserved
        }
    }

    /// How many reserved uses are left.
    var reservedUses: Int64 { reserved.withLock { $0 } }

    func addUses(_ count: Int64) {
        reserved.withLock { $0 += count }
    }
}

/// How often one version of a key may encrypt (SP 800-38D: random nonces are safe up to 2^32 messages), and how soon a host
/// notices what others did to keys.
public struct KeyUseLimits: Sendable, Hashable {
    /// From here on a new version takes over.
    public var soft: Int64
    /// Here encryption stops.
    public var hard: Int64
    /// Uses that are reserved at a time; those left over when a process ends are lost.
    public var block: Int64
    /// Milliseconds after which a key in memory is compared with the store: a newer version, a destroyed key.
    public var recheck: Int64

    /// Limits; the defaults are right outside of tests.
    public init(soft: Int64 = 1 << 31, hard: Int64 = 1 << 32, block: Int64 = 1024, recheck: Int64 = 5000) {
        self.soft = soft
        self.hard = hard
        self.block = block
        self.recheck = recheck
    }
}
