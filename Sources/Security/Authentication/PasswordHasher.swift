// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import CArgon2
internal import Glibc

/// Hashes and checks passwords: pepper, then argon2id, on a bounded pool of threads.
public final class PasswordHasher: Sendable {
    /// What a check found.
    public struct Verdict: Sendable, Hashable {
        /// Whether it is the password.
        public let isCorrect: Bool
        /// Whether the stored hash has another cost or pepper than new ones and should be replaced.
        public let needsRehash: Bool

        package init(isCorrect: Bool, needsRehash: Bool) {
            self.isCorrect = isCorrect
            self.needsRehash = needsRehash
        }
    }

    /// Why a hash could not be computed.
    public enum Failure: Error, Sendable, Hashable, CustomStringConvertible {
        /// Too many at once.
        case overloaded
        /// libargon2 had no memory.
        case outOfMemory

        /// Safe to show.
        public var description: String {
            switch self {
            case .overloaded: "too many passwords are being checked"
            case .outOfMemory: "there is not enough memory to check a password"
            }
        }
    }

    private let cost: PasswordCost
    private let keys: HostKeys
    private let pool: WorkerPool
    private let dummySalt = SecureRandom.bytes(16)
    private let dummyHash = SecureRandom.bytes(32)

    /// Nobody's password: the hash is random, so no input gives it.
    private var dummy: PHCString { PHCString(cost: cost, pepper: keys.current(.pepper).id, salt: dummySalt, hash: dummyHash) }

    /// A hasher whose peppers are derived from root keys and stored nowhere.
    package convenience init(ring: KEKRing) {
        self.init(keys: HostKeys(derivedFrom: ring))
    }

    /// A hasher with the installation's peppers.
    ///
    /// Threads: one for each core, as far as `memoryLimit` (in KiB, for all hashes at once) reaches.
    public convenience init(
        keys: HostKeys, cost: PasswordCost = .floor, memoryLimit: UInt32 = 262_144, deadline: Duration = .seconds(2)
    ) {
        let cores = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        let threads = max(1, min(cores, Int(memoryLimit / cost.memory)))
        // A full queue is what the threads can work off within the deadline, at some 20 hashes a second each.
        let capacity = max(threads * 4, threads * 20 * Int(max(1, deadline.components.seconds)))
        self.init(keys: keys, cost: cost, pool: WorkerPool(threads: threads, capacity: capacity, deadline: deadline))
    }

    package init(keys: HostKeys, cost: PasswordCost, pool: WorkerPool) {
        self.keys = keys
        self.cost = cost
        self.pool = pool
    }

    /// The PHC string to store for a password, in whichever normal form it was typed.
    public func hash(_ password: Secret) async throws(Failure) -> String {
        let salt = SecureRandom.bytes(16)
        let password = PasswordText.normalized(password)
        await keys.refresh()
        let (cost, pepper) = (cost, keys.current(.pepper))
        let hash = try await onPool {
            Self.compute(password, pepper: pepper.key, salt: salt, cost: cost, byteCount: 32)
        }
        return PHCString(cost: cost, pepper: pepper.id, salt: salt, hash: hash).text
    }

    /// Checks a password against a stored PHC string, or against nobody's when there is none.
    ///
    /// A missing or unreadable string costs the same as a wrong password, and is one.
    public func verify(_ password: Secret, against stored: String?) async throws(Failure) -> Verdict {
        let password = PasswordText.normalized(password)
        await keys.refresh()
        let known = stored.flatMap { PHCString($0) }
        let phc = known ?? dummy
        // Another host may have hashed under a pepper that this one has not seen yet.
        if let id = phc.pepper, keys.entry(.pepper, id: id) == nil { await keys.refreshUnknown() }
        let pepper = phc.pepper.flatMap { keys.entry(.pepper, id: $0)?.key }
        // A pepper that has left the ring: nothing fits, at the same cost.
        let isCheckable = known != nil && (phc.pepper == nil || pepper != nil)
        let hash = try await onPool {
            Self.compute(password, pepper: pepper, salt: phc.salt, cost: phc.cost, byteCount: phc.hash.count)
        }
        let isCorrect = ConstantTime.equals(hash, phc.hash) && isCheckable
        return Verdict(isCorrect: isCorrect, needsRehash: phc.cost != cost || phc.pepper != keys.current(.pepper).id)
    }

    private func onPool(_ work: @escaping @Sendable () -> [UInt8]?) async throws(Failure) -> [UInt8] {
        let result: [UInt8]?
        do throws(WorkerPool.Refusal) {
            result = try await pool.run(work)
        } catch {
            throw .overloaded
        }
        guard let result else { throw .outOfMemory }
        return result
    }

    private static func compute(
        _ password: Secret, pepper: Secret?, salt: [UInt8], cost: PasswordCost, byteCount: Int
    ) -> [UInt8]? {
        let input = pepper.map { key in Secret(password.withBytes { HMAC.authenticate($0, key: key) }) } ?? password
        var output = [UInt8](repeating: 0, count: byteCount)
        let status = input.withBytes { input in
            argon2id_hash_raw(
                cost.passes, cost.memory, cost.lanes, input.baseAddress, input.count, salt, salt.count, &output, output.count)
        }
        return status == ARGON2_OK.rawValue ? output : nil
    }
}
