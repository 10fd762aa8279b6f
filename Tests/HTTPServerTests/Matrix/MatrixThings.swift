// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPServer
import Host
import PluginAPI
import Security
import Storage
import Testing
import Values

/// One of everything in one tenant that a path can name.
struct MatrixThings: Sendable {
    let tenant: TenantRecord
    /// In every text of the tenant's rows, so that a text that leaks is recognised.
    let word: String
    var user = UserID.make()
    var session = SessionID.make()
    var device = DeviceID.make()
    var payment = PaymentID.make()
    var notification = NotificationID.make()
    var challenge = ChallengeID.make()
    var event = EventID.make()
    var apiKey = APIKeyID.make()
    var review = ReviewID.make()
    /// The token of an address for a provider's webhooks.
    var webhook = "none"
    var name: String { "OF_\(word.uppercased())" }

    /// What must stand in no answer to another tenant.
    var marks: [String] {
        [
            word, word.uppercased(), tenant.id.description, user.description, session.description, device.description, payment.description,
            notification.description, challenge.description, event.description, apiKey.description, review.description, webhook,
        ]
    }

    /// How a parameter of a path is filled in.
    struct Parameter: Sendable {
        /// The tenant's own; nil for what is the same for everybody, such as a plugin's id.
        var own: (@Sendable (MatrixThings) -> String)?
        /// What does not exist, in the right form.
        var madeUp = "0192f0c1-7a3e-7b44-9d5e-3f2a1b0c9d8e"

        static func id(_ own: @escaping @Sendable (MatrixThings) -> String) -> Parameter { Parameter(own: own) }
        static func name(_ own: @escaping @Sendable (MatrixThings) -> String) -> Parameter { Parameter(own: own, madeUp: "OF_NOBODY") }
        static func everybodys(_ value: String) -> Parameter { Parameter(own: nil, madeUp: value) }
    }

    /// Every parameter that a path may have, by name.
    static let parameters: [String: Parameter] = [
        "tenant": .name { $0.tenant.slug.description },
        "plugin": .everybodys(Probe.id), "factor": .everybodys("totp"), "program": .everybodys(Probe.id),
        "user": .id { $0.user.description }, "session": .id { $0.session.description },
        "device": .id { $0.device.description }, "payment": .id { $0.payment.description },
        "notification": .id { $0.notification.description }, "challenge": .id { $0.challenge.description },
        "event": .id { $0.event.description }, "key": .id { $0.apiKey.description },
        "review": .id { $0.review.description },
        // What operators act on is nobody's own: see TenantRouteTests.
        "slug": .everybodys("nobody-at-all"), "act": .everybodys("0192f0c1-7a3e-7b44-9d5e-3f2a1b0c9d8e"),
        "role": .name(\.name), "rule": .name(\.name), "separation": .name(\.name), "token": .name(\.webhook),
    ]

    /// What is not in the table has no cell.
    static func missing(in routes: [Route]) -> [String] {
        routes.flatMap { route in
            route.parameters.filter { parameters[$0] == nil }.map {
                "\(route.name): the matrix has no value for {\($0)}; add a line for it to MatrixThings.parameters, and where it names a row, a member that MatrixThings.furnish writes for both tenants"
            }
        }
    }

    /// The values for a path: a tenant's own things, in a tenant.
    func values(in tenant: String? = nil) -> [String: String] {
        var values = Self.parameters.mapValues { $0.own?(self) ?? $0.madeUp }
        if let tenant { values["tenant"] = tenant }
        return values
    }

    /// The values for a path where nothing exists.
    static func nothing(in tenant: String) -> [String: String] {
        parameters.mapValues(\.madeUp).merging(["tenant": tenant]) { $1 }
    }
}

extension MatrixThings {
    /// Writes one of everything into a tenant whose administrator has signed in.
    static func furnish(_ panel: Panel, _ tenant: TenantRecord, word: String, administrator: MatrixCaller) async throws -> MatrixThings {
        var things = MatrixThings(tenant: tenant, word: word)
        (things.user, things.session) = (administrator.user ?? things.user, administrator.session ?? things.session)
        try await enableProbe(panel, tenant, word)
        try await panel.enable(.gateway, for: tenant)
        things.webhook = try await panel.host.payments.webhookURL(
            panel.authority.permit(.pluginConfigure, in: tenant.id, as: "test"), SamplePlugin.gateway.id, origin: Panel.trace
        ).token
        let permit = panel.authority.permit(.roleManage, in: tenant.id, as: "test")
        things.event = EventID(try #require(try await panel.trail(tenant).first).id) ?? things.event
        let issued = try await panel.host.authenticator.issueAPIKey(
            panel.authority.permit(.userManage, in: tenant.id, as: "test"), name: word, permissions: ["plugin.read"],
            expiresAt: WallClock.system.now() + 86_400_000)
        things.apiKey = issued.record.id
        let now = WallClock.system.now()
        let (filled, sealed) = (things, Sealed(text: "01:02:03", keyID: "k", keyVersion: 1))
        try await panel.database.transaction(permit.scope) { tx in
            let probe = try #require(PluginID(Probe.id))
            let instance = try #require(try PluginRepository(tx).findInstance(of: probe, label: "default")).id
            try PaymentRepository(tx).insert(
                PaymentRecord(
                    id: filled.payment, plugin: Probe.id, instance: instance.description, merchantReference: word, status: "succeeded",
                    amountMinor: 5, currency: "EUR", capture: "automatic", capturedMinor: 5, providerPaymentID: word, invoice: word,
                    holdsInvoice: false, customerReference: word, createdAt: now, updatedAt: now))
            _ = try NotificationRepository(tx).insert(
                NotificationRecord(
                    id: filled.notification, instance: instance, plugin: probe, dedupeKey: word, eventType: "invoice.paid", message: "{}",
                    status: .accepted, dropsUnknown: false, attempts: 1, dueAt: now, createdAt: now))
            let enrollment = EnrollmentID.make()
            try FactorRepository(tx).insert(
                EnrollmentRecord(
                    id: enrollment, instance: instance, plugin: probe, userRef: word, destination: sealed, hint: word, status: .active,
                    createdAt: now, expiresAt: now + 900_000))
            try FactorRepository(tx).insert(
                ChallengeRecord(
                    id: filled.challenge, enrollment: enrollment, purpose: "login", nonceHash: word, code: sealed, status: .sent,
                    attempts: 0, requestKey: word, createdAt: now, expiresAt: now + 900_000))
            try tx.execute(
                "INSERT INTO devices (tenant_id, id, user_id, name, created_at, last_seen_at) VALUES ($1, $2, $3, $4, 1, 1)",
                [
                    .text(filled.tenant.id.description), .text(filled.device.description), .text(filled.user.description),
                    .text(word),
                ])
            try AccessReviewRepository(tx).insert(
                AccessReview(id: filled.review, name: word, createdAt: now, createdBy: word),
                [AccessReview.Line(number: 1, user: filled.user, name: word, expiresAt: nil, permissions: [word])])
            let policy = PolicyRepository(tx)
            for change: PolicyChange in [
                .createRole(filled.name, parents: ["READ_ONLY"]),
                .setRule(Policy.Rule(id: filled.name, .permit, .role(filled.name), try ActionPattern("session.own"))),
                .setSeparation(Policy.Separation(filled.name, .roles, [filled.name, "ADMIN"])),
            ] { _ = try policy.apply(change, permit, correlation: word, at: now) }
        }
        return things
    }

    private static func enableProbe(_ panel: Panel, _ tenant: TenantRecord, _ word: String) async throws {
        let probe = try #require(PluginID(Probe.id))
        let permit = { (action: Action) in panel.authority.permit(action, in: tenant.id, as: "test") }
        _ = try await panel.host.plugins.approve(
            probe, capabilities: try Probe.capabilities(), permit(.pluginApproveCapabilities), Panel.trace)
        _ = try await panel.host.plugins.configure(
            probe, input: ["token": .string(word), "room": .string(word)], permit(.pluginConfigure), Panel.trace)
        _ = try await panel.host.plugins.enable(probe, permit(.pluginEnable), Panel.trace)
    }
}
