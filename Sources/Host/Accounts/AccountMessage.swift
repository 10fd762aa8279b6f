// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Values

/// One message to a person about their own account.
package struct AccountMessage: Sendable {
    /// What happened: `account.<name>` is the type that the notifier sees.
    package let name: String
    let title: String
    /// `{token}` stands for the one-time token, where there is one.
    let text: String
    let facts: [(label: String, value: String)]
    /// What the token is good for that goes along; it is made when the message is sent, never before.
    let token: OneTimeToken.Purpose?

    private init(
        _ name: String, _ title: String, _ text: String, facts: [(String, String)] = [], token: OneTimeToken.Purpose? = nil
    ) {
        (self.name, self.title, self.text, self.facts, self.token) = (name, title, text, facts, token)
    }

    /// Somebody asked to reset the password.
    package static let passwordReset = AccountMessage(
        "password_reset", "Choose a new password",
        """
        Somebody asked to reset the password of your account. If it was you, use this token within 15 minutes; it works once:

        {token}

        If it was not you, do nothing: your password stays as it is.
        """, token: .passwordReset)

    /// Somebody was invited.
    package static let invitation = AccountMessage(
        "invitation", "You are invited",
        """
        An account was made for you. Choose your password with this token within 7 days; it works once:

        {token}
        """, token: .invitation)

    /// The password is another one.
    package static let passwordChanged = AccountMessage(
        "password_changed", "Your password was changed",
        "The password of your account was changed, and every other session has ended. If it was not you, tell your administrator at once.")

    /// Somebody who knows the password signs in from a device that was not seen before, and is to show that they are the owner.
    package static func deviceConfirmation(name: String, address: String?, at time: String) -> AccountMessage {
        AccountMessage(
            "device_confirmation", "Confirm a new device",
            """
            Somebody signs in to your account with your password, from a device that was not seen before. If it is you, use this token there \
            within 15 minutes; it works once, and for this sign-in only:

            {token}

            If it is not you, give the token to nobody and change your password at once: somebody knows it.
            """, facts: facts(name, address, time), token: .device)
    }

    /// Somebody wants this address for their account; it goes to that address.
    package static let emailVerification = AccountMessage(
        "email_verification", "Confirm your new address",
        """
        This address was given as the new one of an account. If it was you, confirm it with this token within 15 minutes, where you are \
        signed in; it works once:

        {token}

        If it was not you, do nothing: nothing changes.
        """, token: .emailVerification)

    /// The account has another address; it goes to the one before.
    package static let emailChanged = AccountMessage(
        "email_changed", "The address of your account was changed",
        """
        Your account has another e-mail address now, and messages about it no longer come to this one. If it was not you, tell your \
        administrator at once.
        """)

    /// A session was opened from a device that was not seen before.
    package static func newDevice(name: String, address: String?, at time: String) -> AccountMessage {
        AccountMessage(
            "new_device", "A new device signed in",
            "Somebody signed in to your account from a device that was not seen before. If it was not you, change your password at once.",
            facts: facts(name, address, time))
    }

    private static func facts(_ name: String, _ address: String?, _ time: String) -> [(String, String)] {
        [("Device", name), ("Time", time)] + (address.map { [("Address", $0)] } ?? [])
    }

    /// A notice of another kind, without a token.
    package static func notice(_ name: String, title: String, text: String, facts: [(String, String)] = []) -> AccountMessage {
        AccountMessage(name, title, text, facts: facts)
    }
}

/// A token that a queued message asks for.
///
/// The queue holds who it is for and what it is good for. The token itself is made while the message goes out, so that none lies in the
/// database, a backup or a failed message.
struct TokenOrder: Sendable {
    private static let member = "account_token"

    let purpose: OneTimeToken.Purpose
    let user: UserID
    /// The page that takes it.
    let page: String?
    /// What the token's row is to say, such as the sign-in that it belongs to; never a secret.
    let detail: [String: Value]

    init(_ purpose: OneTimeToken.Purpose, for user: UserID, page: String?, detail: [String: Value] = [:]) {
        (self.purpose, self.user, self.page, self.detail) = (purpose, user, page, detail)
    }

    /// Puts the order into a message for the queue.
    func add(to message: inout [String: Value]) {
        message[Self.member] = [
            "purpose": .string(purpose.rawValue), "user": .string(user.description), "page": page.map(Value.string) ?? .null,
            "detail": .map(detail),
        ]
    }

    /// Takes the order out of a queued message, which is then what a notifier may see.
    static func take(from message: inout Value) throws(HostError) -> TokenOrder? {
        guard case .map(var members) = message, let order = members.removeValue(forKey: member) else { return nil }
        guard let purpose = order["purpose"]?.stringValue.flatMap(OneTimeToken.Purpose.init),
            let user = order["user"]?.stringValue.flatMap({ UserID($0) })
        else { throw HostError(.unavailable, "a queued message asks for a token that this program does not know") }
        message = .map(members)
        return TokenOrder(purpose, for: user, page: order["page"]?.stringValue, detail: order["detail"]?.mapValue ?? [:])
    }

    /// The message with the token in its text, and in the fragment of its link, which no server writes into its log.
    ///
    /// - Parameter address: whom it goes to, where the queue does not say.
    func filled(_ message: Value, _ token: OneTimeToken, to address: String? = nil) -> Value {
        guard case .map(var members) = message, case .map(var body)? = members["body"] else { return message }
        for (form, text) in body { if let text = text.stringValue { body[form] = .string(text.replacing("{token}", with: token.text)) } }
        members["body"] = .map(body)
        if let address { members["recipient"] = ["kind": "address", "address": .string(address)] }
        if let page { members["url"] = .string("\(page)#token=\(token.text)") }
        return .map(members)
    }
}
