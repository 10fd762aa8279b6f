// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

/// One kind of second factor: built in, or delivered by plugins.
///
/// A factor says whether an answer is right and uses up what works once. Who may be asked, how often, and what a right answer opens is
/// decided by ``FactorService`` and the authenticator, the same for all of them.
package protocol Factor: Sendable {
    /// Whether it is the one of that name.
    func isNamed(_ name: FactorName) -> Bool

    /// Sends the user what they need to answer; nil for factors whose codes are in the user's hand already.
    func challenge(_ request: FactorRequest, idempotencyKey: String, locale: String, origin: CallOrigin) async throws -> ChallengeView?

    /// Whether an answer is right; what works once is used up by it.
    func isRight(_ answer: FactorAnswer) async throws -> Bool
}

extension Factor {
    package func challenge(
        _ request: FactorRequest, idempotencyKey: String, locale: String, origin: CallOrigin
    ) async throws -> ChallengeView? { nil }
}
