// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Values

/// Sign-ins, with the messages that some of them need to go on.
package struct SignIns: Sendable {
    private let authenticator: Authenticator
    private let messages: AccountMessages

    init(_ authenticator: Authenticator, _ messages: AccountMessages) {
        (self.authenticator, self.messages) = (authenticator, messages)
    }

    /// Signs a user in with a password; where the device is to be confirmed, a message to the user's own address is on its way after it.
    package func signIn(
        slug: String, email: String, password: Secret, device: DeviceClaim, origin: CallOrigin
    ) async throws -> SignInOutcome {
        let outcome = try await authenticator.signIn(
            slug: slug, email: email, password: password, device: device, from: origin.client, correlation: origin.correlation)
        guard case .deviceUnconfirmed(let demand) = outcome else { return outcome }
        let isSent: Bool
        do {
            isSent = try await messages.send(
                .deviceConfirmation(name: demand.device, address: origin.address, at: demand.begunAt.utcText), to: demand.user,
                in: demand.tenant, key: Hex.encode(demand.binding), detail: OneTimeTokenRecord.confirming(demand.binding), origin: origin)
        } catch {
            try? await authenticator.abandon(demand, reason: "not_sent", from: origin.client, correlation: origin.correlation)
            throw error
        }
        guard isSent else {
            // Nobody is let in because the notifier is gone: an operator takes the rule back where that is wanted.
            try await authenticator.abandon(demand, reason: "no_notifier", from: origin.client, correlation: origin.correlation)
            throw AuthenticationError.refused
        }
        return outcome
    }

    /// Opens the session of a sign-in that waits for its device.
    package func confirmDevice(signIn: String, token: Secret, device: DeviceClaim, origin: CallOrigin) async throws -> TokenPair {
        try await authenticator.confirmDevice(
            signIn: signIn, token: token, device: device, from: origin.client, correlation: origin.correlation)
    }
}
