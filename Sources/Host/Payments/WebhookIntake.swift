// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import PluginAPI
public import Security
internal import Storage
internal import Values

/// Where a provider sends its messages for one instance.
///
/// The token is shown once: only its hash is kept.
public struct WebhookEndpoint: Sendable {
    /// 256 bits, URL-safe.
    public let token: String
    /// `/v1/webhooks/<token>`, to be put behind the host's public address.
    public var path: String { "/v1/webhooks/\(token)" }
}

/// What became of a provider's message at the door.
///
/// All of them are answered with success.
public struct WebhookReceipt: Sendable, Hashable {
    /// Our id of the message.
    public let event: EventID
    /// True when it was received before.
    public let isDuplicate: Bool
    let tenant: TenantID
}

extension PaymentService {
    /// The largest message that is taken.
    public static let webhookLimit = 1 << 20

    /// Makes a new endpoint for an instance, in place of the ones before.
    public func webhookURL(_ permit: Permit, _ instance: String, origin: CallOrigin) async throws -> WebhookEndpoint {
        let instance = try await gateways.instance(permit, instance)
        guard instance.manifest.gateway?.webhook != nil else { throw HostError(.unsupported, "\(instance.plugin) receives no webhooks") }
        let token = Base64.encode(SecureRandom.bytes(32), url: true)
        let now = clock.nowMilliseconds()
        try await database.transaction(permit.scope) { tx in
            try PaymentWebhookRepository(tx).replaceEndpoint(
                id: .make(), instance: instance.id.description, tokenHash: Self.tokenHash(token), nowMs: now)
            try tx.append(
                AuditEvent(
                    occurredAt: now, tenant: permit.scope.tenant, actor: permit.principal.actor, action: "webhook.endpoint_created",
                    resource: "instance:\(instance.id)", outcome: .success, correlation: origin.correlation, address: origin.address))
        }
        return WebhookEndpoint(token: token)
    }

    /// Takes one message of a provider, in an order that gives an outsider nothing: token, size, secret, signature, age, record.
    ///
    /// It is on the disk when this returns, and is dealt with afterwards. Header names must be in lower case.
    public func receive(
        token: String, method: String, headers: [String: String], body: [UInt8], origin: CallOrigin
    ) async throws -> WebhookReceipt {
        guard let place = try await place(of: token) else { throw HostError(.notFound, "there is no such webhook endpoint") }
        let permit = webhookPermit(place.tenant, place.instance)
        // No yes to what will not be looked at: the provider keeps the message and sends it again.
        guard place.isTenantActive else { throw try await reject(permit, place.instance, "tenant_closed", PluginStop.tenantClosed, origin) }
        guard body.count <= Self.webhookLimit else {
            throw try await reject(
                permit, place.instance, "too_large", HostError(.payloadTooLarge, "the message is larger than 1 MiB"), origin)
        }
        let instance: PluginInstance
        do {
            instance = try await gateways.instance(permit, place.instance)
        } catch let error as HostError {
            throw try await reject(permit, place.instance, error.code.description, Self.closed, origin)
        }
        guard let profile = instance.manifest.gateway?.webhook, WebhookSignature.canVerify(profile) else {
            throw try await reject(permit, place.instance, "not_verifiable", Self.closed, origin)
        }
        let secret: Secret?
        do {
            secret = try await gateways.secret(instance, profile.secretField)
        } catch {
            throw try await reject(permit, place.instance, "secret_unreadable", Self.closed, origin)
        }
        guard let secret, !secret.isEmpty else { throw try await reject(permit, place.instance, "no_secret", Self.closed, origin) }
        do {
            try WebhookSignature(profile).verify(
                body: body, headers: headers, secrets: [secret], nowS: clock.nowMilliseconds() / 1_000)
        } catch {
            let refusal = HostError(.webhookRejected, "the message's signature is missing, wrong or too old")
            throw try await reject(permit, place.instance, error.rawValue, refusal, origin)
        }
        let kept = headers.filter { (WebhookSignature(profile).headers + ["content-type"]).contains($0.key) }
        let message = WebhookMessage(method: method, headers: kept, body: body)
        let name = headers[WebhookSignature.idHeader(profile) ?? ""] ?? Self.eventName(in: body, at: profile.eventIDPath)
        let receipt = try await keep(message, named: name, permit, instance, origin)
        wake()
        return receipt
    }

    private static let closed = HostError(
        .webhookNotConfigured, "this endpoint cannot verify messages: enable the plugin and set its webhook secret")

    private func place(of token: String) async throws -> WebhookEndpointDirectory.Entry? {
        let hash = Self.tokenHash(token)
        let entry = try await database.platformReadOne(system.platform("find a webhook endpoint")) { tx in
            try WebhookEndpointDirectory(tx).find(tokenHash: hash)
        }
        // The index may compare byte by byte, but it compares hashes; this comparison is for the day when it does not.
        guard let entry, ConstantTime.equals(Array(entry.tokenHash.utf8), Array(hash.utf8)) else { return nil }
        return entry
    }

    func webhookPermit(_ tenant: TenantID, _ instance: String) -> Permit {
        system.permit(.invokeWebhook, in: tenant, as: "webhook:\(instance)")
    }

    private func reject(_ permit: Permit, _ instance: String, _ reason: String, _ error: HostError, _ origin: CallOrigin) async throws
        -> HostError
    {
        try await audit(permit, "webhook.rejected", resource: "instance:\(instance)", .denied, ["reason": .string(reason)], origin)
        return error
    }

    /// On the disk before anybody says yes; a message that was dealt with is not dealt with again.
    private func keep(
        _ message: WebhookMessage, named name: String, _ permit: Permit, _ instance: PluginInstance, _ origin: CallOrigin
    ) async throws -> WebhookReceipt {
        let now = clock.nowMilliseconds()
        let tenant = permit.scope.tenant
        let known = try await database.readOne(permit.scope) { tx in
            try PaymentWebhookRepository(tx).find(instance: instance.id.description, eventID: name)
        }
        let id = known?.id ?? .make()
        let sealed = try await encryption.seal(message.bytes, as: WebhookMessage.location(tenant, instance.plugin, id))
        let isNew = try await database.transaction(permit.scope) { tx in
            let events = PaymentWebhookRepository(tx)
            if known != nil { return try events.revive(id, sealed: sealed, nowMs: now) }
            let added = try events.insert(
                WebhookEventRecord(
                    id: id, instance: instance.id.description, eventID: name, sealed: sealed, dueAt: now, receivedAt: now))
            guard added else { return false }
            try tx.append(
                AuditEvent(
                    occurredAt: now, tenant: tenant, actor: permit.principal.actor, action: "webhook.received",
                    resource: "instance:\(instance.id)", outcome: .success,
                    detail: ["event": .string(name), "message": .string(id.description)],
                    correlation: origin.correlation, address: origin.address))
            return true
        }
        return WebhookReceipt(event: id, isDuplicate: !isNew, tenant: tenant)
    }

    static func tokenHash(_ token: String) -> String { Hex.encode(Hash.sha256(Array(token.utf8))) }

    /// The provider's own name of the message; the hash of its bytes where it has none.
    private static func eventName(in body: [UInt8], at path: String?) -> String {
        let fallback = "sha256:" + Hex.encode(Hash.sha256(body))
        guard let path, var value = try? JSON.parse(body, limits: ValueLimits(maxBytes: webhookLimit, maxDepth: 64, maxNodes: 100_000))
        else {
            return fallback
        }
        for step in path.split(separator: ".") {
            guard let next = value[String(step)] else { return fallback }
            value = next
        }
        switch value {
        case .string(let text) where (1...255).contains(text.utf8.count): return text
        case .int(let number): return String(number)
        default: return fallback
        }
    }
}

/// A verified message as it waits, sealed, for its turn.
struct WebhookMessage: Sendable {
    let method: String
    let headers: [String: String]
    let body: [UInt8]

    var bytes: [UInt8] {
        JSON.serialize([
            "method": .string(method), "headers": .map(headers.mapValues(Value.string)), "body": .string(Base64.encode(body)),
        ])
    }

    init(method: String, headers: [String: String], body: [UInt8]) {
        self.method = method
        self.headers = headers
        self.body = body
    }

    init(opened secret: Secret) throws {
        let value = try JSON.parse(secret.revealedBytes(), limits: ValueLimits(maxBytes: 2 << 20, maxDepth: 8, maxNodes: 1_000))
        guard let method = value["method"]?.stringValue, let body = value["body"]?.stringValue.flatMap({ Base64.decode($0) }) else {
            throw HostError(.unavailable, "the stored message cannot be read")
        }
        self.init(method: method, headers: value["headers"]?.mapValue?.compactMapValues(\.stringValue) ?? [:], body: body)
    }

    static func location(_ tenant: TenantID, _ plugin: PluginID, _ id: EventID) -> SealedLocation {
        SealedLocation(tenant: tenant, plugin: plugin, field: "webhook_events.message", record: id.description)
    }
}
