// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import PluginAPI
import Security
import Storage
import Testing
import Values

/// A plugin that does its work without a network, so that every operation of the API has something to work on.
struct SamplePlugin {
    let id: String
    let manifest: Value
    let main: String
    var config: Value = [:]

    func archive(version: String = "1.0.0") throws -> [UInt8] {
        guard case .map(var members) = manifest else { throw MissingPart("a manifest is an object") }
        members["version"] = .string(version)
        return try PluginArchive.pack(
            PluginFolder(files: [
                .init(name: "main.lua", content: Array(main.utf8)),
                .init(name: "plugin.json", content: Array(JSON.text(.map(members), pretty: true).utf8)),
            ]), signedBy: nil)
    }

    private static func manifest(_ id: String, _ kind: String, _ operations: [String], _ more: [String: Value]) -> Value {
        .map(
            [
                "manifest_version": 1, "id": .string(id), "name": .string(id), "version": "1.0.0", "host_api": "1", "kind": .string(kind),
                "description": "For tests.", "author": "Tests", "license": "Apache-2.0", "entry": "main.lua",
                "operations": Value(operations), "capabilities": [:], "config_schema": ["type": "object", "properties": [:]],
            ].merging(more) { $1 })
    }

    static let webhookSecret = "whsec_of_the_tests"

    /// A gateway that keeps its books in the names that it gives: `pi.<amount>.<currency>.<status>`.
    ///
    /// An invoice's number says what a charge becomes: `processing`, or `authorized` where capture is manual.
    static let gateway = SamplePlugin(
        id: "books",
        manifest: manifest(
            "books", "payment_gateway",
            [
                "validate_config", "create_payment", "confirm_payment", "get_payment", "capture_payment", "cancel_payment",
                "refund_payment", "get_refund", "parse_webhook",
            ],
            [
                "config_schema": [
                    "type": "object",
                    "properties": ["webhook_secret": ["type": "string", "title": "Webhook secret", "x-secret": true]],
                    "required": ["webhook_secret"],
                ],
                "gateway": [
                    "currencies": "*", "methods": ["card"], "flows": ["redirect", "off_session"], "capture": ["automatic", "manual"],
                    "partial_capture": true, "refunds": "partial", "void": true, "lookup_by_reference": true,
                    "idempotency": ["style": "header", "name": "Idempotency-Key"],
                    "webhook": [
                        "verify": "hmac", "signature_header": "X-Signature", "signature_key": "v1", "timestamp_key": "t",
                        "payload": "{timestamp}.{body}", "event_id_path": "id",
                    ],
                ],
            ]),
        main: """
            local function answer(id, status)
              local amount, currency = id:match("^pi%.(%d+)%.(%a+)%.")
              amount = math.tointeger(tonumber(amount))
              return {
                ok = true, status = status or id:match("(%a+)$"), provider_payment_id = id,
                amount = { amount_minor = amount, currency = currency },
                captured_minor = status == "succeeded" and amount or 0, refunded_minor = 0,
              }
            end
            return {
              validate_config = function(ctx, req) return { ok = true } end,
              create_payment = function(ctx, req)
                local status = req.capture == "manual" and "authorized" or req.invoice.number or "succeeded"
                return answer("pi." .. req.amount.amount_minor .. "." .. req.amount.currency .. "." .. req.payment_id .. "." .. status, status)
              end,
              confirm_payment = function(ctx, req) return answer(req.provider_payment_id, "succeeded") end,
              get_payment = function(ctx, req) return answer(req.provider_payment_id, "succeeded") end,
              capture_payment = function(ctx, req) return answer(req.provider_payment_id, "succeeded") end,
              cancel_payment = function(ctx, req) return answer(req.provider_payment_id, "canceled") end,
              refund_payment = function(ctx, req)
                return { ok = true, status = "succeeded", provider_refund_id = "re." .. req.refund_id, amount = req.amount }
              end,
              get_refund = function(ctx, req)
                return { ok = false, error = { code = "not_found", message = "none", retryable = false, outcome = "rejected" } }
              end,
              parse_webhook = function(ctx, req) return { ok = true, events = panel.array{} } end,
            }
            """, config: ["webhook_secret": .string(webhookSecret)])

    /// A second factor whose codes arrive nowhere.
    static let factor = SamplePlugin(
        id: "silent",
        manifest: manifest(
            "silent", "two_factor", ["validate_config", "normalize_destination", "deliver_code"],
            [
                "factor": [
                    "style": "delivered", "methods": ["sms"], "contact": "phone", "code_length": 8, "ttl_s": 300,
                    "purposes": ["login", "step_up"],
                ]
            ]),
        main: """
            return {
              validate_config = function(ctx, req) return { ok = true, warnings = panel.array{} } end,
              normalize_destination = function(ctx, req) return { ok = true, destination = req.raw, hint = "…" .. req.raw:sub(-2) } end,
              deliver_code = function(ctx, req) return { ok = true, status = "accepted", channel = "sms" } end,
            }
            """)
}

extension Panel {
    /// Installs a plugin where it is not yet, and approves, configures and enables it for a tenant.
    func enable(_ plugin: SamplePlugin, for tenant: TenantRecord) async throws {
        let id = try #require(PluginID(plugin.id))
        do {
            _ = try await host.plugins.install(try plugin.archive(), as: authority, trail: platform.id, Self.trace)
        } catch let error as HostError where error.code == .conflict {
            // Another tenant of the test has it.
        }
        let permit = { (action: Action) in self.authority.permit(action, in: tenant.id, as: "test") }
        _ = try await host.plugins.approve(id, capabilities: .none, permit(.pluginApproveCapabilities), Self.trace)
        _ = try await host.plugins.configure(id, input: plugin.config, permit(.pluginConfigure), Self.trace)
        _ = try await host.plugins.enable(id, permit(.pluginEnable), Self.trace)
    }
}
