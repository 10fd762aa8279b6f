// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import Values

/// The gateway and the notifier that talk to a ``BooksPeer``, as their authors would write them.
enum BooksPlugins {
    static let gateway = "bookspay"
    static let notifier = "booksnote"
    static let origin = "https://api.books.test"

    /// Writes both as folders that can be packed.
    static func write(into folder: String) throws {
        try write(gateway, manifest: gatewayManifest, main: gatewayMain, into: folder)
        try write(notifier, manifest: notifierManifest, main: notifierMain, into: folder)
    }

    private static func write(_ name: String, manifest: Value, main: String, into folder: String) throws {
        let path = folder + "/" + name
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try Data(JSON.serialize(manifest)).write(to: URL(fileURLWithPath: path + "/plugin.json"))
        try Data(main.utf8).write(to: URL(fileURLWithPath: path + "/main.lua"))
    }

    private static let gatewayManifest: Value = [
        "manifest_version": 1, "id": .string(gateway), "name": "Books Pay", "version": "1.0.0", "host_api": "1", "kind": "payment_gateway",
        "description": "A gateway for tests.", "author": "Tests", "license": "Apache-2.0", "entry": "main.lua",
        "operations": [
            "validate_config", "create_payment", "confirm_payment", "get_payment", "capture_payment", "cancel_payment", "refund_payment",
            "get_refund", "parse_webhook",
        ],
        "capabilities": ["http": [["host": "api.books.test", "methods": ["GET", "POST"], "path_prefix": "/v1/"]]],
        "config_schema": [
            "type": "object",
            "properties": [
                "secret_key": ["type": "string", "title": "Key", "x-secret": true],
                "webhook_secret": ["type": "string", "title": "Webhook secret", "x-secret": true],
            ],
            "required": ["secret_key", "webhook_secret"],
        ],
        "gateway": [
            "currencies": "*", "methods": ["card"], "flows": ["off_session"], "capture": ["automatic"], "partial_capture": false,
            "refunds": "partial", "void": true, "idempotency": ["style": "header", "name": "Idempotency-Key"], "lookup_by_reference": true,
            "webhook": [
                "verify": "hmac", "signature_header": "X-Signature", "signature_key": "v1", "timestamp_key": "t",
                "payload": "{timestamp}.{body}", "event_id_path": "id",
            ],
        ],
    ]

    private static let gatewayMain = """
        local function answer(charge)
            return {
                ok = true, status = "succeeded", provider_payment_id = charge.id,
                amount = { amount_minor = charge.amount, currency = charge.currency },
                captured_minor = charge.amount, refunded_minor = 0,
            }
        end
        local function failed(err)
            return { ok = false, error = { code = err.code, message = "The provider did not answer.", retryable = true, outcome = err.outcome } }
        end
        local function unsupported()
            return { ok = false, error = { code = "unsupported", message = "Not here.", retryable = false, outcome = "not_sent" } }
        end
        return {
            validate_config = function(ctx, req) return { ok = true } end,
            create_payment = function(ctx, req)
                local response, err = ctx.http.request {
                    method = "POST", url = "https://api.books.test/v1/charges",
                    headers = { authorization = ctx.http.bearer(ctx.secret.secret_key) },
                    json = { reference = req.merchant_reference, amount = req.amount.amount_minor, currency = req.amount.currency },
                }
                if not response then return failed(err) end
                return answer(response:json())
            end,
            get_payment = function(ctx, req)
                local response, err = ctx.http.get("https://api.books.test/v1/charges", {
                    query = { reference = req.merchant_reference },
                    headers = { authorization = ctx.http.bearer(ctx.secret.secret_key) },
                })
                if not response then return failed(err) end
                if response.status == 404 then
                    return { ok = false, error = { code = "not_found", message = "There is none.", retryable = false, outcome = "rejected" } }
                end
                return answer(response:json())
            end,
            confirm_payment = unsupported, capture_payment = unsupported, cancel_payment = unsupported,
            refund_payment = unsupported, get_refund = unsupported,
            parse_webhook = function(ctx, req) return { ok = true, events = panel.array {} } end,
        }
        """

    private static let notifierManifest: Value = [
        "manifest_version": 1, "id": .string(notifier), "name": "Books Note", "version": "1.0.0", "host_api": "1", "kind": "notifier",
        "description": "A notifier for tests.", "author": "Tests", "license": "Apache-2.0", "entry": "main.lua",
        "operations": ["validate_config", "send"],
        "capabilities": ["http": [["host": "api.books.test", "methods": ["POST"], "path_prefix": "/v1/"]]],
        "config_schema": ["type": "object", "properties": [:], "required": []],
        "notifier": ["channel": "webhook", "formats": ["text"], "idempotency": ["style": "none"]],
    ]

    private static let notifierMain = """
        return {
            validate_config = function(ctx, req) return { ok = true, warnings = panel.array {} } end,
            send = function(ctx, req)
                local response, err = ctx.http.post("https://api.books.test/v1/messages", { json = { text = req.body.text } })
                if not response then
                    return { ok = false, error = { code = err.code, message = "no answer", outcome = err.outcome } }
                end
                return { ok = true, status = "accepted", provider_message_ids = panel.array {} }
            end,
        }
        """
}
