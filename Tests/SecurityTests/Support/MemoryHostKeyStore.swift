// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Synchronization

final class MemoryHostKeyStore: HostKeyStore {
    struct State {
        var keys: [WrappedHostKey] = []
        var reads = 0
        var isBroken = false
    }

    struct Broken: Error {}

    let state = Mutex(State())

    func hostKeys(_ scope: PlatformScope) async throws -> [WrappedHostKey] {
        try state.withLock { state in
            state.reads += 1
            if state.isBroken { throw Broken() }
            return state.keys
        }
    }

    func insertHostKey(
        _ scope: PlatformScope, _ key: WrappedHostKey, retireOthersAt: Int64?, destroyingOthers: Bool, by actor: String
    ) async throws -> Bool {
        state.withLock { state in
            guard !state.keys.contains(where: { $0.kind == key.kind && $0.version == key.version }) else { return false }
            state.keys = state.keys.map { old in
                guard old.kind == key.kind else { return old }
                return WrappedHostKey(
                    id: old.id, kind: old.kind, form: old.form, version: old.version, wrappedBy: destroyingOthers ? "" : old.wrappedBy,
                    wrapped: destroyingOthers ? "" : old.wrapped, publicKey: old.publicKey, notBefore: old.notBefore,
                    retiredAt: retireOthersAt.map { min($0, old.retiredAt ?? .max) } ?? old.retiredAt, createdAt: old.createdAt)
            }
            state.keys.append(key)
            return true
        }
    }

    func replaceHostKey(_ scope: PlatformScope, _ old: WrappedHostKey, with new: WrappedHostKey) async throws -> Bool {
        state.withLock { state in
            guard let index = state.keys.firstIndex(of: old) else { return false }
            state.keys[index] = new
            return true
        }
    }
}
