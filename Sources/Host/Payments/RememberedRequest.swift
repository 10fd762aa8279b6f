// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Security
internal import Storage
internal import Values

/// One request under its Idempotency-Key, bound to the operation and to the whole body.
struct RememberedRequest: Sendable {
    let operation: String
    let keyHash: String
    let bodyHash: String

    /// Throws when the key is missing or has a form that no header can carry.
    init(operation: String, key: String, body: Value) throws(HostError) {
        guard let key = IdempotencyKey(key) else {
            throw .invalid("Idempotency-Key", "must have 1 to 255 visible ASCII characters, the same for every retry of one request")
        }
        self.operation = operation
        keyHash = rememberedHash(.string(key.text))
        bodyHash = rememberedHash(body)
    }

    /// What is known of it.
    func decide(in tx: TenantTransaction, nowMs: Int64) throws -> (decision: IdempotencyDecision, resource: String?) {
        let record = try PaymentIdempotencyRepository(tx).find(operation: operation, keyHash: keyHash)
        return (IdempotencyDecision(record?.memory, bodyHash: bodyHash, nowMs: nowMs), record?.resource)
    }

    /// Remembers it; the decision must have been to run, in the same transaction. False when another host was faster.
    func remember(in tx: TenantTransaction, resource: String, attempt: CallID, lease: Int64, nowMs: Int64, expires: Int64) throws -> Bool {
        let record = IdempotencyRecord(
            operation: operation, keyHash: keyHash, bodyHash: bodyHash, resource: resource, attempt: attempt.description, leaseUntil: lease,
            createdAt: nowMs, expiresAt: expires)
        return try PaymentIdempotencyRepository(tx).insert(record)
    }
}

extension IdempotencyRecord {
    fileprivate var memory: IdempotencyMemory {
        let state: IdempotencyMemory.State =
            switch (self.state, answer) {
            case ("answered", let answer?): .answered(answer)
            case ("orphaned", _): .orphaned
            default: .inProgress(leaseUntilMs: leaseUntil)
            }
        return IdempotencyMemory(bodyHash: bodyHash, state: state)
    }
}
