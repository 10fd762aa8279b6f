// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Synchronization
internal import Values

/// The installation's own keys: token signing, refresh, devices, pepper, audit checkpoints.
///
/// Made at the first start, stored wrapped under the root key, and rotated one kind at a time. A running host learns of new
/// versions by itself: it looks again every few seconds, and at once when a token or hash names a key that it does not know.
public final class HostKeys: Sendable {
    /// One version in memory.
    struct Entry: Sendable {
        let id: String
        let form: HostKeyForm
        let version: Int
        /// Nil when the secret half was destroyed.
        let key: Secret?
        let publicKey: [UInt8]?
        let notBefore: Int64
        let retiredAt: Int64?
        let createdAt: Int64
    }

    /// What is known, newest version first.
    private struct State {
        var entries: [HostKeyKind: [Entry]] = [:]
        var loadedAt: Int64
        var lastMissAt: Int64?
    }

    /// Milliseconds from storing a version to using it: every host has looked again by then.
    static let publication: Int64 = 15_000
    /// The same for a public key, which other systems read from the key set and keep for a while (``publishedFor``).
    static let publicPublication: Int64 = 600_000
    /// Seconds for which other systems may keep the key set.
    package static let publishedFor = 300
    private static let recheck: Int64 = 5000
    private static let missPause: Int64 = 1000

    private let wrapping: HostKeyWrapping?
    /// Keys of the environment, which sign in front of the stored ones.
    private let given: [Entry]
    private let clock: WallClock
    private let state: Mutex<State>

    private init(_ wrapping: HostKeyWrapping?, _ entries: [HostKeyKind: [Entry]], secrets: TokenSecrets? = nil, clock: WallClock) {
        self.wrapping = wrapping
        given = secrets?.entries ?? []
        self.clock = clock
        state = Mutex(State(entries: entries, loadedAt: clock.now()))
    }

    /// Reads the keys, and makes those that are missing.
    ///
    /// - Parameter secrets: secrets of the environment that sign access tokens instead of stored keys.
    public static func open(
        roots: any KEKProvider, store: any HostKeyStore, installation: String = "panelhost", secrets: TokenSecrets? = nil,
        clock: WallClock = .system
    ) async throws -> HostKeys {
        let wrapping = HostKeyWrapping(roots: roots, store: store, installation: installation, clock: clock)
        var entries = try await wrapping.load()
        let missing = HostKeyKind.allCases.filter { entries[$0] == nil }
        for kind in missing {
            _ = try await wrapping.create(kind, form: kind.forms[0], version: 1, notBefore: clock.now(), by: "system:start")
        }
        if !missing.isEmpty { entries = try await wrapping.load() }
        return HostKeys(wrapping, entries, secrets: secrets, clock: clock)
    }

    /// Keys that are derived from a ring and stored nowhere: for what needs no installation.
    package convenience init(derivedFrom ring: KEKRing, clock: WallClock = .system) {
        var entries: [HostKeyKind: [Entry]] = [:]
        for kind in HostKeyKind.allCases {
            let keys = ring.keys(for: kind.purpose)
            entries[kind] = keys.enumerated().map { index, key in
                Entry(
                    id: key.id, form: .symmetric, version: keys.count - index, key: key.key, publicKey: nil, notBefore: 0, retiredAt: nil,
                    createdAt: 0)
            }
        }
        self.init(nil, entries, clock: clock)
    }

    // MARK: Use

    /// The version to write with: the newest whose time has come.
    func current(_ kind: HostKeyKind) -> Entry {
        let now = clock.now()
        let usable = entries(kind).filter { $0.key != nil }
        // The oldest one of a kind needs no announcement, so there always is one.
        guard let entry = usable.first(where: { $0.notBefore <= now }) ?? usable.last else {
            preconditionFailure("each kind of key is made when the keys are opened")
        }
        return entry
    }

    /// A version by id, as long as it is accepted.
    func entry(_ kind: HostKeyKind, id: String) -> Entry? {
        let now = clock.now()
        return entries(kind).first { $0.id == id && ($0.retiredAt.map { now < $0 } ?? true) }
    }

    /// Every version, newest first.
    func entries(_ kind: HostKeyKind) -> [Entry] {
        let stored = state.withLock { $0.entries[kind] ?? [] }
        return kind == .accessToken ? given + stored : stored
    }

    /// Whether access tokens are signed with a secret of the environment, which is rotated there.
    public var signsWithGivenSecret: Bool { !given.isEmpty }

    /// Looks again when it is time; a store that cannot be read leaves what is known.
    package func refresh() async {
        let now = clock.now()
        let isDue = state.withLock { state in
            guard now - state.loadedAt >= Self.recheck || now < state.loadedAt else { return false }
            state.loadedAt = now
            return true
        }
        if isDue { try? await reload() }
    }

    /// Looks again because something names a key that is not known here; strangers can cause this once a second at most.
    func refreshUnknown() async {
        let now = clock.now()
        let isAllowed = state.withLock { state in
            if let last = state.lastMissAt, last <= now, now - last < Self.missPause { return false }
            state.lastMissAt = now
            return true
        }
        if isAllowed { try? await reload() }
    }

    /// Reads all keys again.
    public func reload() async throws {
        guard let wrapping else { return }
        let (entries, now) = (try await wrapping.load(), clock.now())
        guard HostKeyKind.allCases.allSatisfy({ entries[$0] != nil }) else { return }
        state.withLock { state in
            state.entries = entries
            state.loadedAt = now
        }
    }

    /// Wraps every key under the root key that wraps now; answers how many changed.
    public func rewrap() async throws -> Int {
        let changed = try await wrapping?.rewrapAll() ?? 0
        try await reload()
        return changed
    }

    /// What seals the installation's other secrets under the same root keys; nil for keys that are derived.
    public var secrets: HostSecrets? {
        wrapping.map { HostSecrets(roots: $0.roots, installation: $0.installation) }
    }

    // MARK: Rotation

    /// Makes a new version of a kind of stored key; a secret of the environment goes on signing in front of it.
    ///
    /// Token keys start after every host, and every reader of the public key set, has had time to learn of them, and the old
    /// version is accepted until the last token that it signed has expired. Old peppers stay. The old audit key's secret half is destroyed and its public half kept.
    ///
    /// - Parameters:
    ///   - form: for token keys; as the newest one unless given.
    ///   - isImmediate: for a key that has leaked: starts at once, and what the old one signed is refused from now on.
    ///   - lifetime: milliseconds that a token lives at most.
    /// - Returns: the new version, and when it begins, in milliseconds.
    @discardableResult
    public func rotate(
        _ kind: HostKeyKind, to form: HostKeyForm? = nil, by actor: String, isImmediate: Bool = false, lifetime: Int64 = 3_600_000
    ) async throws -> (version: Int, notBefore: Int64) {
        guard let wrapping else { throw EncryptionError.unavailable(Redacted("these keys are derived, not stored")) }
        try await reload()
        let now = clock.now()
        for _ in 0..<8 {
            let newest = state.withLock { $0.entries[kind]?.first }
            let version = (newest?.version ?? 0) + 1
            let form = form ?? newest?.form ?? kind.forms[0]
            guard kind.forms.contains(form) else { throw CryptoError.invalidLength }
            let isToken = kind == .accessToken || kind == .refresh || kind == .device
            let publication = form == .symmetric ? Self.publication : Self.publicPublication
            let notBefore = isToken && !isImmediate ? now + publication : now
            let retirement: Int64? =
                switch kind {
                case .accessToken, .refresh: isImmediate ? now : notBefore + lifetime
                case .device: isImmediate ? now : notBefore + DeviceCookie.lifetime
                case .audit: now
                case .pepper: nil
                }
            let isNew = try await wrapping.create(
                kind, form: form, version: version, notBefore: notBefore, retireOthersAt: retirement, destroyingOthers: kind == .audit,
                by: actor)
            try await reload()
            if isNew { return (version, notBefore) }
        }
        throw EncryptionError.keyExhausted
    }
}

extension HostKeyKind {
    /// The label for keys that are derived rather than stored.
    fileprivate var purpose: KEKRing.Purpose {
        switch self {
        case .accessToken: .accessToken
        case .refresh: .refresh
        case .pepper: .pepper
        case .device: .device
        case .audit: .audit
        }
    }
}

extension HostKeys: CustomStringConvertible {
    /// Says how many, never what.
    public var description: String {
        "HostKeys(\(HostKeyKind.allCases.map { "\($0.rawValue): \(entries($0).count)" }.joined(separator: ", ")))"
    }
}
