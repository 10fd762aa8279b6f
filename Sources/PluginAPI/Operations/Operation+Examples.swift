// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Values

extension Operation {
    /// An answer as a plugin may give it; shown in the reference, and held against the contract by a test.
    package var exampleAnswer: Value? { Self.examples["\(kind.rawValue).\(name)"] }

    private static let amount: Value = ["amount_minor": 1230, "currency": "EUR"]

    private static let paid: Value = [
        "ok": true, "status": "succeeded", "provider_payment_id": "pay_123", "amount": amount, "captured_minor": 1230, "refunded_minor": 0,
        "method": ["type": "card", "brand": "visa", "last4": "4242"],
    ]

    private static let examples: [String: Value] = [
        "payment_gateway.validate_config": [
            "ok": true, "account_ref": "acct_123", "mode": "test", "warnings": ["No webhook_secret: events are refused until it is set."],
        ],
        "payment_gateway.create_payment": [
            "ok": true, "status": "requires_action", "provider_payment_id": "pay_123", "amount": amount, "captured_minor": 0,
            "refunded_minor": 0,
            "next_action": ["type": "redirect", "url": "https://pay.acme.test/p/123"],
        ],
        "payment_gateway.confirm_payment": paid,
        "payment_gateway.get_payment": [
            "ok": true, "status": "declined", "provider_payment_id": "pay_123", "amount": amount, "captured_minor": 0, "refunded_minor": 0,
            "decline": ["code": "insufficient_funds", "advice": "retry_later", "provider_code": "51"],
        ],
        "payment_gateway.capture_payment": paid,
        "payment_gateway.cancel_payment": [
            "ok": true, "status": "canceled", "provider_payment_id": "pay_123", "amount": amount, "captured_minor": 0, "refunded_minor": 0,
        ],
        "payment_gateway.refund_payment": ["ok": true, "status": "pending", "provider_refund_id": "ref_123", "amount": amount],
        "payment_gateway.get_refund": [
            "ok": true, "status": "failed", "provider_refund_id": "ref_123", "amount": amount, "failure_reason": "The account is closed.",
        ],
        "payment_gateway.begin_save_method": [
            "ok": true, "next_action": ["type": "redirect", "url": "https://pay.acme.test/s/123"], "state": "setup_123",
        ],
        "payment_gateway.complete_save_method": [
            "ok": true, "method": ["ref": "card_123", "type": "card", "brand": "visa", "last4": "4242"],
        ],
        "payment_gateway.verify_webhook": ["ok": true, "verified": true, "event_id": "evt_123", "occurred_at_ms": 1_795_253_400_000],
        "payment_gateway.parse_webhook": [
            "ok": true,
            "events": [
                [
                    "kind": "payment", "event_id": "evt_123", "provider_payment_id": "pay_123", "merchant_reference": "INV-1001-1",
                    "occurred_at_ms": 1_795_253_400_000,
                    "result": [
                        "status": "succeeded", "provider_payment_id": "pay_123", "amount": amount, "captured_minor": 1230,
                        "refunded_minor": 0,
                    ],
                ]
            ],
        ],
        "two_factor.validate_config": [
            "ok": true, "warnings": ["This is a trial account: it sends to verified numbers only."], "balance": "12.30 EUR",
        ],
        "two_factor.normalize_destination": ["ok": true, "destination": "+4915112345678", "hint": "…78"],
        "two_factor.deliver_code": ["ok": true, "status": "accepted", "channel": "sms", "delivery_id": "msg_123"],
        "two_factor.begin_enrollment": [
            "ok": true, "state": "enroll_123", "display": ["type": "redirect", "url": "https://push.acme.test/e/123"],
            "expires_at": 1_795_253_400_000,
        ],
        "two_factor.complete_enrollment": ["ok": true, "result": "active", "credential_state": "device_123", "hint": "a phone"],
        "two_factor.begin_challenge": [
            "ok": true, "status": "pending", "state": "push_123", "display": ["type": "instructions", "lines": ["Confirm on your phone."]],
            "expires_at": 1_795_253_400_000, "poll_after_s": 2, "number_match": "42",
        ],
        "two_factor.verify_challenge": ["ok": true, "result": "accepted", "matched_counter": 59_841_780],
        "two_factor.poll_challenge": ["ok": true, "result": "pending"],
        "two_factor.parse_callback": ["ok": true, "challenge_ref": "push_123", "result": "accepted", "nonce": "q3Zt0f2b8Xc1mN7v"],
        "notifier.validate_config": ["ok": true, "warnings": []],
        "notifier.list_targets": ["ok": true, "options": [["value": "C0123", "label": "#billing"]], "next": "page-2"],
        "notifier.send": ["ok": true, "status": "accepted", "provider_message_ids": ["msg_123"]],
        "notifier.send_batch": [
            "ok": true,
            "results": [["status": "accepted", "provider_message_ids": ["msg_123"]], ["status": "deferred", "retry_after_s": 30]],
        ],
        "notifier.get_delivery": ["ok": true, "status": "delivered", "provider_message_ids": ["msg_123"]],
        "notifier.parse_receipt": [
            "ok": true, "receipts": [["provider_message_id": "msg_123", "status": "delivered", "occurred_at_ms": 1_795_253_400_000]],
        ],
    ]
}
