// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What the host remembers of an earlier request with the same Idempotency-Key.
package struct IdempotencyMemory: Sendable, Hashable {
    package enum State: Sendable, Hashable {
        /// A host is at work on it until the lease ends.
        case inProgress(leaseUntilMs: Int64)
        /// The answer that was given.
        case answered(String)
        /// The host that worked on it died before it could answer.
        case orphaned
    }

    package let bodyHash: String
    package let state: State

    package init(bodyHash: String, state: State) {
        self.bodyHash = bodyHash
        self.state = state
    }
}

/// What to do with a request that carries an Idempotency-Key.
package enum IdempotencyDecision: Sendable, Hashable {
    /// First of its kind: run it.
    case run
    /// Seen and answered: give the same answer again.
    case replay(String)
    /// Seen, its answer was lost: answer with the resource as it stands.
    case answerFromState
    /// The key was used for another body: refuse.
    case mismatch
    /// The first one is still at work.
    case inProgress(retryAfterS: Int)

    /// Decides; the body comes before the state, so that a reused key is never told about another request's progress.
    package init(_ memory: IdempotencyMemory?, bodyHash: String, nowMs: Int64) {
        guard let memory else {
            self = .run
            return
        }
        guard memory.bodyHash == bodyHash else {
            self = .mismatch
            return
        }
        switch memory.state {
        case .answered(let answer): self = .replay(answer)
        case .orphaned: self = .answerFromState
        case .inProgress(let leaseUntilMs):
            self = .inProgress(retryAfterS: Int(clamping: min(30, max(1, (leaseUntilMs - nowMs + 999) / 1_000))))
        }
    }
}

/// The Idempotency-Key that a caller sent: 1–255 visible ASCII characters.
public struct IdempotencyKey: Sendable, Hashable {
    /// The key as it was sent.
    public let text: String

    /// Nil when the text is empty, too long, or holds a space or anything outside of visible ASCII.
    public init?(_ text: String) {
        let bytes = text.utf8
        guard (1...255).contains(bytes.count), bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        self.text = text
    }
}
