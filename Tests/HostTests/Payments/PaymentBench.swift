// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import FoundationEssentials
import Host
import PluginAPI
import Sandbox
import Security
import Storage
import Synchronization
import Testing
import Values

/// The gateway of these tests, as its author would declare it.
enum TestGateway {
    static let timestamped: Value = [
        "verify": "hmac", "signature_header": "X-Signature", "signature_key": "v1", "timestamp_key": "t", "payload": "{timestamp}.{body}",
        "event_id_path": "id",
    ]

    static func manifest(webhook: Value = timestamped, idempotency: Value = ["style": "header", "name": "Idempotency-Key"]) throws
        -> Manifest
    {
        let value: Value = [
            "manifest_version": 1, "id": "testpay", "name": "Test Pay", "version": "1.0.0", "host_api": "1", "kind": "payment_gateway",
            "panel1": ">=0.1.0 <1.0.0", "description": "A gateway for tests.", "author": "Tests", "license": "Apache-2.0",
            "entry": "main.lua",
            "operations": [
                "validate_config", "create_payment", "confirm_payment", "get_payment", "capture_payment", "cancel_payment",
                "refund_payment",
                "get_refund", "parse_webhook",
            ],
            "capabilities": ["http": [["host": "api.pay.test", "methods": ["GET", "POST"], "path_prefix": "/v1/"]]],
            "config_schema": [
                "type": "object",
                "properties": [
                    "secret_key": ["type": "string", "title": "Key", "x-secret": true],
                    "webhook_secret": ["type": "string", "title": "Webhook secret", "x-secret": true],
                ],
                "required": ["secret_key", "webhook_secret"],
            ],
            "gateway": [
                "currencies": "*", "methods": ["card"], "flows": ["redirect", "off_session"], "capture": ["automatic", "manual"],
                "partial_capture": true, "refunds": "partial", "void": true, "idempotency": idempotency, "lookup_by_reference": true,
                "webhook": webhook,
            ],
        ]
        return try UnverifiedManifest(JSON.serialize(value)).validated()
    }
}

/// A clock that stands still until it is told to move.
final class ManualClock: Sendable {
    private let now = Mutex<Int64>(1_800_000_000_000)

    var host: HostClock { HostClock { self.now.withLock { $0 } } }
    var nowMs: Int64 { now.withLock { $0 } }

    func advance(seconds: Int64) { now.withLock { $0 += seconds * 1_000 } }
}

/// Two tenants with the same gateway, a real database, and a provider that keeps books.
struct PaymentBench {
    let directory: String
    let database: SQLiteDatabase
    let acme: TenantRecord
    let globex: TenantRecord
    let provider = TestProvider()
    let clock = ManualClock()
    let encryption: EncryptionService
    let service: PaymentService
    private let instances: [String: GatewayInstance]
    private let webhookSecret: Secret?

    static let webhookSecret = Secret("whsec_test")
    private static let authority = SystemAuthority()

    init(manifest: Manifest? = nil, webhookSecret: Secret? = webhookSecret) async throws {
        self.webhookSecret = webhookSecret
        directory = FileManager.default.temporaryDirectory.path + "/panelhost-payments-\(CallID.make())"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        database = try SQLiteDatabase(path: directory + "/panelhost.sqlite")
        (acme, globex) = try await database.platform(Self.authority.platform("test")) { tx in
            let registry = TenantRegistry(tx)
            return try (
                registry.create(slug: #require(TenantSlug("acme")), name: "Acme", by: "system:test", correlation: "c", at: 1),
                registry.create(slug: #require(TenantSlug("globex")), name: "Globex", by: "system:test", correlation: "c", at: 1)
            )
        }
        encryption = try EncryptionService(ring: KEKRing(parsing: KEKRing.generate().revealedBytes()), store: SQLKeyStore(database))
        let manifest = try manifest ?? TestGateway.manifest()
        var instances: [String: GatewayInstance] = [:]
        for tenant in [acme, globex] {
            for label in ["default", "second"] {
                let instance = GatewayInstance(
                    id: .make(), label: label, scope: Self.permit(tenant).scope, plugin: manifest.id, manifest: manifest,
                    program: Program(hash: "h", entry: "main.lua", files: []), approved: manifest.requestedCapabilities, config: [:],
                    sealed: [:])
                instances["\(tenant.id)/\(label)"] = instance
                instances["\(tenant.id)/\(instance.id)"] = instance
                if label == "default" { instances["\(tenant.id)/testpay"] = instance }
            }
        }
        self.instances = instances
        service = Self.start(database, instances, provider, encryption, clock, webhookSecret, run: HostRun(name: "first") { _ in false })
    }

    /// The same installation after another start; `gone` are the runs that are known to be dead.
    func restarted(_ name: String = "second", gone: Set<String> = ["first"]) -> PaymentService {
        Self.start(
            database, instances, provider, encryption, clock, webhookSecret, run: HostRun(name: name) { gone.contains($0) })
    }

    private static func start(
        _ database: SQLiteDatabase, _ instances: [String: GatewayInstance], _ provider: TestProvider, _ encryption: EncryptionService,
        _ clock: ManualClock, _ webhookSecret: Secret?, run: HostRun
    ) -> PaymentService {
        let gateways = GatewayPort(
            instance: { permit, name in
                guard let instance = instances["\(permit.scope.tenant)/\(name)"] else {
                    throw HostError(.pluginNotEnabled, "no such gateway")
                }
                return instance
            },
            run: { invocation, begin, record in
                let event = { @Sendable (outcome: AuditOutcome) in
                    AuditEvent(of: invocation.permit, resource: invocation.subject.resource, outcome: outcome, correlation: "c")
                }
                try await database.transaction(invocation.permit.scope) { tx in
                    try begin(tx)
                    try tx.append(event(.started))
                }
                let (result, wire) = try await provider.perform(invocation)
                let report = InvocationReport(call: .make(), result: result, wire: wire, receipt: Receipt(), log: [])
                try await database.transaction(invocation.permit.scope) { tx in
                    try record(report, tx)
                    try tx.append(event(report.auditOutcome))
                }
            },
            secret: { _, field in field == "webhook_secret" ? webhookSecret : nil })
        return PaymentService(
            database: database, gateways: gateways, encryption: encryption, system: authority, clock: clock.host, run: run)
    }

    // MARK: Acting

    static func permit(_ tenant: TenantRecord) -> Permit { authority.permit(.invokePayment, in: tenant.id, as: "test") }
    var origin: CallOrigin { CallOrigin(correlation: "c") }
    var permit: Permit { Self.permit(acme) }

    func request(
        _ minor: Int64 = 1_230, _ currency: String = "EUR", invoice: String = "inv-1", capture: CaptureMode = .automatic,
        reference: String? = nil, gateway: String = "testpay", metadata: [String: String] = [:], override: Bool = false
    ) throws -> CreatePayment {
        CreatePayment(
            gateway: gateway, amount: try Money(minor: minor, currency: currency), merchantReference: reference, capture: capture,
            invoice: .init(id: invoice), customer: .init(ref: "client-1"), metadata: metadata, overridesHeldInvoice: override)
    }

    func pay(_ request: CreatePayment? = nil, key: String = "key-1", as tenant: TenantRecord? = nil, on service: PaymentService? = nil)
        async throws -> PaymentReply
    {
        try await (service ?? self.service).create(
            Self.permit(tenant ?? acme), request ?? self.request(), idempotencyKey: key, origin: origin)
    }

    func status(_ id: PaymentID) async throws -> PaymentStatus { try await service.get(permit, id, origin: origin).status }

    /// `action outcome` of every audit event of a tenant, in order.
    func audit(_ tenant: TenantRecord? = nil) async throws -> [String] {
        try await database.read(Self.permit(tenant ?? acme).scope) { tx in
            try tx.query("SELECT action, outcome FROM audit_events WHERE tenant_id = $1 ORDER BY id", [tx.tenant])
                .map { "\(try $0.text("action")) \(try $0.text("outcome"))" }
        }
    }

    // MARK: Webhooks

    func sign(_ body: [UInt8], at seconds: Int64? = nil, secret: Secret = webhookSecret) -> [String: String] {
        let time = seconds ?? clock.nowMs / 1_000
        return ["x-signature": "t=\(time),v1=" + Hex.encode(HMAC.authenticate(Array("\(time).".utf8) + body, key: secret))]
    }

    /// Delivers a message whose events the plugin reads as given, and deals with it.
    @discardableResult
    func deliver(_ id: String, _ events: [Value], to token: String) async throws -> WebhookReceipt {
        provider.set { $0.events = events }
        let body = Array(#"{"id":"\#(id)"}"#.utf8)
        let receipt = try await service.receive(token: token, method: "POST", headers: sign(body), body: body, origin: origin)
        try await service.processWebhooks()
        return receipt
    }

    func endpoint(_ instance: String = "testpay", _ tenant: TenantRecord? = nil) async throws -> String {
        try await service.webhookURL(Self.permit(tenant ?? acme), instance, origin: origin).token
    }

    func event(
        _ status: String, minor: Int64 = 1_230, currency: String = "EUR", captured: Int64? = nil, provider: String? = nil,
        reference: String? = nil, tag: String? = nil
    ) -> Value {
        .compact([
            "kind": "payment", "event_id": "e", "provider_payment_id": provider.map(Value.string),
            "merchant_reference": reference.map(Value.string), "instance_tag": tag.map(Value.string), "occurred_at_ms": .int(clock.nowMs),
            "result": .compact([
                "status": .string(status), "provider_payment_id": provider.map(Value.string),
                "amount": ["amount_minor": .int(minor), "currency": .string(currency)],
                "captured_minor": .int(captured ?? (status == "succeeded" ? minor : 0)), "refunded_minor": 0,
            ]),
        ])
    }

    /// The states of the messages of a tenant, in the order of their arrival.
    func messages(_ tenant: TenantRecord? = nil) async throws -> [String] {
        try await database.read(Self.permit(tenant ?? acme).scope) { tx in
            try tx.query("SELECT state, reason FROM webhook_events WHERE tenant_id = $1 ORDER BY received_at, id", [tx.tenant]).map {
                let reason: String? = try $0["reason"]
                return try $0.text("state") + (reason.map { ":" + $0 } ?? "")
            }
        }
    }
}

/// What the body throws, by the code that a panel sees; nil when it throws nothing.
func code(of body: () async throws -> some Any) async -> String? {
    do {
        _ = try await body()
        return nil
    } catch let error as HostError {
        return error.code.description
    } catch {
        return "\(error)"
    }
}

extension PaymentBench {
    /// The payments of a tenant, the newest first.
    func payments(_ permit: Permit? = nil) async throws -> [Payment] {
        let permit = permit ?? self.permit
        let ids = try await database.read(permit.scope) { tx in
            try PaymentRepository(tx).page(ListPermit(permit), invoice: nil, behind: nil, limit: 100).rows.map(\.id)
        }
        var payments: [Payment] = []
        for id in ids { payments.append(try await service.get(permit, id, origin: origin)) }
        return payments
    }
}
