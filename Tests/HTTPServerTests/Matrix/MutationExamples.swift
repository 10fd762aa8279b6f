// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPServer
import HTTPTypes
import Host
import PluginAPI
import Security
import Storage
import Testing
import Values

/// What the examples below work on: a tenant where every plugin is set up, and who is signed in.
struct MutationStage {
    let panel: Panel
    /// A key of acme that may do everything, and one of the operators.
    let key: String
    let operators: String

    init(_ panel: Panel) async throws {
        self.panel = panel
        for plugin in [SamplePlugin.gateway, .factor] { try await panel.enable(plugin, for: panel.acme) }
        key = panel.key
        operators = try await panel.key(for: panel.platform, Panel.everything)
    }

    /// Sends in acme with the key that may do everything; a key for the provider is new each time.
    func send(_ method: HTTPRequest.Method, _ path: String, _ body: SentBody = .none, bearer: String? = nil) async throws -> Answer {
        try await panel.send(
            method, path.replacing("~", with: "/v1/tenants/acme"), bearer: bearer ?? key, body,
            headers: [("idempotency-key", CallID.make().description)])
    }

    /// The access token of somebody who has just signed in.
    func signedIn() async throws -> Answer { try await panel.signIn() }

    /// Within what the installation allows.
    static let rules: Value = [
        "idle_seconds": 3600, "lifetime_seconds": 86_400, "admin_idle_seconds": 600, "admin_lifetime_seconds": 3600, "concurrent": 5,
        "when_full": "refuse",
    ]

    /// Whose session a sign-in has opened.
    func user(_ answer: Answer) async throws -> UserID {
        let token = try #require(answer.json["access_token"]?.stringValue)
        guard case .user(let user) = try await panel.host.authenticator.principal(bearer: token).kind else {
            throw AuthenticationError.refused
        }
        return user
    }

    func createKey() async throws -> Answer {
        try await send(
            .post, "~/api-keys", .json(["name": "panel", "permissions": ["plugin.read"], "expires_in_days": 30]), bearer: token())
    }

    /// The path of a new device.
    func device() async throws -> String {
        let login: Value = ["tenant": "acme", "email": .string(Panel.email), "password": .string(Panel.password)]
        let answer = try await panel.send(.post, "/v1/auth/login", .json(login), headers: [("panelhost-device", "new")])
        return "/v1/auth/devices/" + (try #require(answer.json["device_id"]?.stringValue))
    }

    func token() async throws -> String { try #require(try await panel.signIn().json["access_token"]?.stringValue) }

    /// Lets acme's accounts be told through the plugin that every panel has.
    func messenger() async throws {
        var policy = AccountPolicy()
        policy.messenger = PluginID(Probe.id)
        let decided = policy
        try await panel.database.transaction(manage().scope) { try AccountPolicyRepository($0).set(decided, by: "test", at: 1) }
    }

    /// What a message would carry for a user: a token whose row says this.
    func sent(_ purpose: OneTimeToken.Purpose, to user: UserID, _ detail: [String: Value]) async throws -> String {
        let (token, now) = (OneTimeToken.random(for: purpose), panel.host.clock.nowMilliseconds())
        let record = token.record(in: panel.acme.id, user: user, detail: detail, at: now)
        let isStored = try await panel.database.transaction(manage().scope) { try UserRepository($0).store(record, for: user, at: now) }
        #expect(isStored)
        return token.text
    }

    /// A sign-in of acme's administrator that waits for its device, and the token that was sent for it.
    func unconfirmed() async throws -> (signIn: String, token: String) {
        let user = try await user(try await signedIn())
        try await messenger()
        let rules = Value.map(Self.rules.mapValue?.merging(["new_devices": "confirm"]) { $1 } ?? [:])
        #expect(try await send(.put, "~/session-rules", .json(rules)).json["in_force"]?["new_devices"] == "confirm")
        let login: Value = ["tenant": "acme", "email": .string(Panel.email), "password": .string(Panel.password)]
        let answer = try await panel.send(.post, "/v1/auth/login", .json(login), headers: [("panelhost-device", "new")])
        #expect(answer.json["status"] == "device_confirmation_required" && answer.json["access_token"] == nil)
        let signIn = try #require(answer.json["sign_in_token"]?.stringValue)
        let binding = try #require(OneTimeToken(signIn, for: .signIn)).hash
        return (signIn, try await sent(.device, to: user, OneTimeTokenRecord.confirming(binding)))
    }

    /// Somebody new who has asked for another address; the answer, what they ask with, and the token that was sent there.
    func newAddress() async throws -> (answer: Answer, bearer: String, token: String) {
        try await messenger()
        let user = try await user()
        let bearer = try #require(try await panel.signIn(email: user.email).json["access_token"]?.stringValue)
        let answer = try await send(
            .post, "/v1/auth/email",
            .json(["email": .string("\(CallID.make())@new.example"), "password": .string(Panel.password)]), bearer: bearer)
        let now = panel.host.clock.nowMilliseconds()
        let change = try await panel.database.read(manage().scope) { try EmailChangeRepository($0).find(of: user.id, at: now) }
        let id = try #require(change, "\(answer.text)").id
        return (answer, bearer, try await sent(.emailVerification, to: user.id, ["change": .string(id)]))
    }

    /// The path of a new payment of 12.30 €.
    func payment(_ more: [String: Value] = [:], number: String? = nil) async throws -> String {
        var invoice: [String: Value] = ["id": .string(PaymentID.make().description)]
        if let number { invoice["number"] = .string(number) }
        let answer = try await send(
            .post, "~/payments",
            .json(
                .map(
                    [
                        "plugin": .string(SamplePlugin.gateway.id), "amount": ["amount_minor": 1230, "currency": "EUR"],
                        "invoice": .map(invoice), "customer": ["ref": "client-1"],
                    ].merging(more) { $1 })))
        let id = try #require(answer.json["payment_id"]?.stringValue ?? answer.json["id"]?.stringValue, "\(answer.text)")
        return "~/payments/\(id)"
    }

    /// A new tenant.
    func tenant(_ slug: String) async throws -> (path: String, answer: Answer) {
        let answer = try await send(.post, "/v1/tenants", .json(["slug": .string(slug), "reason": "test"]), bearer: operators)
        return ("/v1/tenants/\(slug)", answer)
    }

    /// A new tenant that some things are done to; the answer to the last.
    func tenant(_ slug: String, _ verbs: [String]) async throws -> Answer {
        let made = try await tenant(slug)
        let path = made.path
        var answer = made.answer
        for verb in verbs {
            var body: [String: Value] = ["reason": "test"]
            if verb == "delete" || verb == "purge" { body["confirm"] = .string(slug) }
            if verb == "delete" { body["grace_days"] = 0 }
            answer = try await send(.post, "\(path)/\(verb)", .json(.map(body)), bearer: operators)
        }
        return answer
    }

    /// A new user of a tenant whose password is everybody's.
    func user(in tenant: TenantRecord? = nil, _ name: String = CallID.make().description) async throws -> UserRecord {
        let tenant = tenant ?? panel.acme
        let hash = try await PasswordHasher(ring: panel.ring).hash(Secret(Panel.password))
        return try await panel.database.transaction(manage(tenant).scope) { tx in
            try UserRepository(tx).create(
                email: "\(name)@\(tenant.slug).example", name: name, passwordHash: hash, roles: [], at: WallClock.system.now())
        }
    }

    func manage(_ tenant: TenantRecord? = nil) -> Permit { panel.authority.permit(.userManage, in: (tenant ?? panel.acme).id, as: "test") }

    /// The id of somebody who was invited.
    func invited() async throws -> UserID {
        let name = CallID.make().description
        return try await panel.host.accounts.invite(
            manage(), email: "\(name)@acme.example", name: nil, roles: [], origin: Panel.trace
        ).user.id
    }

    /// What the command line prints for somebody.
    func token(_ purpose: OneTimeToken.Purpose, for user: UserID) async throws -> Value {
        let token = try await panel.host.accounts.token(purpose, for: user, manage(), origin: Panel.trace)
        return .string(try #require(token.revealedText()))
    }

    /// An act in acme by an operator who has signed in.
    func act() async throws -> (answer: Answer, id: String, operators: String) {
        let superAdmin = try #require(
            try await MatrixCaller.roles(of: panel.platform, panel, word: CallID.make().description).first {
                $0.name == BuiltInRole.superAdmin.rawValue
            })
        let operators = try #require(superAdmin.bearer)
        let answer = try await send(
            .post, "/v1/auth/act-as", .json(["tenant": "acme", "reason": "test", "minutes": 5]), bearer: operators)
        return (answer, answer.json["act"]?.stringValue ?? "", operators)
    }

    /// Invites an address to globex.
    func offer(_ email: String) async throws -> Answer {
        let key = try await panel.key(for: panel.globex, ["user.manage"])
        return try await send(
            .post, "/v1/tenants/globex/memberships", .json(["email": .string(email), "roles": []]), bearer: key)
    }

    /// Makes acme's administrator a guest of globex.
    func join() async throws -> (answer: Answer, home: String) {
        let home = try await token()
        // Whoever is a guest already is not invited again.
        _ = try await send(.delete, "/v1/auth/tenants/globex", bearer: home)
        let offered = try await offer(Panel.email)
        return (
            try await send(.post, "/v1/auth/memberships", .json(["token": offered.json["token"] ?? .null]), bearer: home), home
        )
    }

    /// A new role.
    func role() async throws -> String {
        let name = "R-\(CallID.make())"
        let answer = try await send(.post, "~/authz/roles", .json(["name": .string(name)]))
        #expect(answer.status == 200, "\(answer.text)")
        return name
    }

    static let nonce = "nonce-of-the-session"

    func enroll() async throws -> Answer {
        try await send(
            .post, "~/2fa/enrollments",
            .json([
                "plugin": .string(SamplePlugin.factor.id), "user_ref": .string(CallID.make().description),
                "destination": .string("+49" + CallID.make().description), "session_nonce": .string(Self.nonce),
            ]))
    }

    /// An enrolment whose code was shown to be known, long enough ago to be asked again.
    func activeEnrollment() async throws -> String {
        let answer = try await enroll()
        let id = try #require(answer.json["enrollment_id"]?.stringValue, "\(answer.text)")
        try await panel.database.transaction(panel.authority.permit(.invokeTwoFactor, in: panel.acme.id, as: "test").scope) { tx in
            _ = try FactorRepository(tx).activate(try #require(EnrollmentID(id)), at: 1)
            try tx.execute("DELETE FROM factor_sends WHERE tenant_id = $1", [.text(panel.acme.id.description)])
        }
        return id
    }
}

/// One good call of each operation that changes something.
enum MutationExamples {
    typealias Example = @Sendable (MutationStage) async throws -> Answer

    /// By operation.
    static let all: [String: Example] = panel.merging(factors) { $1 }.merging(rules) { $1 }

    private static let panel: [String: Example] = [
        "login": { try await $0.signedIn() },
        "refresh": { stage in
            let token = try #require(try await stage.signedIn().json["refresh_token"]?.stringValue)
            return try await stage.panel.send(.post, "/v1/auth/refresh", .json(["refresh_token": .string(token)]))
        },
        "logout": { try await $0.send(.post, "/v1/auth/logout", bearer: $0.token()) },
        "endSession": { stage in
            let other = try #require(try await stage.signedIn().json["session_id"]?.stringValue)
            return try await stage.send(.delete, "/v1/auth/sessions/\(other)", bearer: stage.token())
        },
        "endOtherSessions": { stage in
            _ = try await stage.signedIn()
            return try await stage.send(.post, "/v1/auth/logout-others", bearer: stage.token())
        },
        "loginDevice": { stage in
            let waiting = try await stage.unconfirmed()
            let answer = try await stage.panel.send(
                .post, "/v1/auth/login/device", .json(["sign_in_token": .string(waiting.signIn), "token": .string(waiting.token)]))
            _ = try await stage.send(.delete, "~/session-rules")
            return answer
        },
        "changeEmail": { try await $0.newAddress().answer },
        "confirmEmail": { stage in
            let change = try await stage.newAddress()
            return try await stage.send(.post, "/v1/auth/email/confirm", .json(["token": .string(change.token)]), bearer: change.bearer)
        },
        "renameDevice": { try await $0.send(.patch, try await $0.device(), .json(["name": "Desk"]), bearer: $0.token()) },
        "revokeDevice": { try await $0.send(.delete, try await $0.device(), bearer: $0.token()) },

        "createTenant": { try await $0.tenant("made-one").answer },
        "renameTenant": { stage in
            try await stage.send(
                .patch, try await stage.tenant("made-two").path, .json(["name": "Two", "reason": "test"]), bearer: stage.operators)
        },
        "setTenantBudget": { stage in
            try await stage.send(
                .put, try await stage.tenant("made-slow").path + "/budget", .json(["limit": "6000/60:600", "reason": "test"]),
                bearer: stage.operators)
        },
        "suspendTenant": { try await $0.tenant("made-three", ["suspend"]) },
        "resumeTenant": { try await $0.tenant("made-four", ["suspend", "resume"]) },
        "deleteTenant": { try await $0.tenant("made-five", ["delete"]) },
        "purgeTenant": { try await $0.tenant("made-six", ["delete", "purge"]) },

        "changePassword": { stage in
            let user = try await stage.user()
            let token = try #require(try await stage.panel.signIn(email: user.email).json["access_token"]?.stringValue)
            return try await stage.send(
                .post, "/v1/auth/password",
                .json(["password": .string(Panel.password), "new_password": "tulip sofa lamp orchard"]), bearer: token)
        },
        "renewPassword": { stage in
            let user = try await stage.user(in: stage.panel.globex)
            var policy = AccountPolicy()
            policy.profile = .pci
            let decided = policy
            try await stage.panel.database.transaction(stage.manage(stage.panel.globex).scope) { tx in
                try AccountPolicyRepository(tx).set(decided, by: "test", at: 1)
                try tx.execute(
                    "UPDATE users SET password_changed_at = 1 WHERE tenant_id = $1 AND id = $2", [tx.tenant, .text(user.id.description)])
            }
            return try await stage.panel.send(
                .post, "/v1/auth/password/renew",
                .json([
                    "tenant": "globex", "email": .string(user.email), "password": .string(Panel.password),
                    "new_password": "tulip sofa lamp orchard 7",
                ]))
        },
        "requestPasswordReset": { stage in
            try await stage.panel.send(.post, "/v1/auth/password-reset", .json(["tenant": "acme", "email": "nobody@acme.example"]))
        },
        "completePasswordReset": { stage in
            let token = try await stage.token(.passwordReset, for: stage.user().id)
            return try await stage.panel.send(
                .post, "/v1/auth/password-reset/complete", .json(["token": token, "new_password": "tulip sofa lamp orchard"]))
        },
        "acceptInvitation": { stage in
            let token = try await stage.token(.invitation, for: stage.invited())
            return try await stage.panel.send(
                .post, "/v1/auth/invitations/accept", .json(["token": token, "name": "Ann", "password": "tulip sofa lamp orchard"]))
        },
        "bootstrap": { stage in
            let token = try await stage.panel.host.accounts.bootstrapToken(in: stage.panel.platform.id, origin: Panel.trace)
            return try await stage.panel.send(
                .post, "/v1/auth/bootstrap",
                .json([
                    "token": .string(try #require(token.revealedText())), "email": "operator@panel.example",
                    "password": "tulip sofa lamp orchard",
                ]))
        },
        "inviteUser": { try await $0.send(.post, "~/users", .json(["email": "new@acme.example", "roles": []])) },
        "inviteUserAgain": { try await $0.send(.post, "~/users/\($0.invited())/invite") },
        "updateUser": { try await $0.send(.patch, "~/users/\($0.user().id)", .json(["name": "Ann"])) },
        "suspendUser": { try await $0.send(.post, "~/users/\($0.user().id)/suspend", .json(["reason": "holidays"])) },
        "activateUser": { try await $0.send(.post, "~/users/\($0.user().id)/activate") },
        "deleteUser": { try await $0.send(.delete, "~/users/\($0.user().id)") },
        "actAs": { try await $0.act().answer },
        "renewAct": { stage in
            let act = try await stage.act()
            return try await stage.send(.post, "/v1/auth/act-as/\(act.id)/token", bearer: act.operators)
        },
        "endAct": { stage in
            let act = try await stage.act()
            return try await stage.send(.delete, "/v1/auth/act-as/\(act.id)", bearer: act.operators)
        },
        "setOperators": { stage in
            try await stage.send(.put, "~/operators", .json(["allowed": true, "role": "READ_ONLY"]), bearer: stage.token())
        },
        "offerMembership": { try await $0.offer("nobody@else.example") },
        "acceptMembership": { try await $0.join().answer },
        "switchTenant": { stage in
            let home = try await stage.join().home
            return try await stage.send(.post, "/v1/auth/switch", .json(["tenant": "globex"]), bearer: home)
        },
        "leaveTenant": { stage in
            let home = try await stage.join().home
            return try await stage.send(.delete, "/v1/auth/tenants/globex", bearer: home)
        },

        "endUserSession": { stage in
            let answer = try await stage.signedIn()
            let session = try #require(answer.json["session_id"]?.stringValue)
            return try await stage.send(.delete, "~/users/\(try await stage.user(answer))/sessions/\(session)")
        },
        "endUserSessions": { stage in
            try await stage.send(.delete, "~/users/\(try await stage.user(try await stage.signedIn()))/sessions")
        },
        "setSessionRules": { stage in
            let answer = try await stage.send(.put, "~/session-rules", .json(MutationStage.rules))
            _ = try await stage.send(.delete, "~/session-rules")
            return answer
        },
        "removeSessionRules": { try await $0.send(.delete, "~/session-rules") },
        "createAPIKey": { try await $0.createKey() },
        "rotateAPIKey": { stage in
            let id = try #require(try await stage.createKey().json["id"]?.stringValue)
            return try await stage.send(.post, "~/api-keys/\(id)/rotate", .json([:]), bearer: stage.token())
        },
        "revokeAPIKey": { stage in
            let id = try #require(try await stage.createKey().json["id"]?.stringValue)
            return try await stage.send(.delete, "~/api-keys/\(id)")
        },

        "installPlugin": { stage in
            try await stage.send(
                .post, "/v1/plugins", .bytes(try Probe.archive(version: "1.1.0"), type: "application/x-tar"), bearer: stage.operators)
        },
        "killPlugin": { stage in
            let answer = try await stage.send(.post, "/v1/plugins/probe/kill", .json([:]), bearer: stage.operators)
            _ = try await stage.send(.post, "/v1/plugins/probe/revive", bearer: stage.operators)
            return answer
        },
        "revivePlugin": { stage in
            _ = try await stage.send(.post, "/v1/plugins/probe/kill", .json([:]), bearer: stage.operators)
            return try await stage.send(.post, "/v1/plugins/probe/revive", bearer: stage.operators)
        },
        "setTenantPlugin": { try await $0.send(.put, "~/plugins/probe", .json(["enabled": true, "approved_capabilities": [:]])) },
        "releasePlugin": { stage in
            let seen = try await stage.send(.get, "~/plugins/probe")
            let hash = try #require(seen.json["hash"]?.stringValue)
            try await stage.panel.database.transaction(
                stage.panel.authority.permit(.pluginInvoke, in: stage.panel.acme.id, as: "test").scope
            ) { _ = try PluginStopRepository($0).quarantine(hash, reason: "it crashed", by: "system:sandbox", at: 1) }
            return try await stage.send(.post, "~/plugins/probe/release")
        },
        "configurePlugin": { try await $0.send(.put, "~/plugins/probe/config", .json(["room": "ops"])) },
        "testPlugin": { try await $0.send(.post, "~/plugins/probe/test") },
        "createWebhook": { try await $0.send(.post, "~/plugins/\(SamplePlugin.gateway.id)/webhook") },
        "receiveWebhook": { stage in
            let made = try await stage.send(.post, "~/plugins/\(SamplePlugin.gateway.id)/webhook")
            let path = try #require(made.json["path"]?.stringValue, "\(made.text)")
            let (body, now) = (Array(#"{"id":"evt-1"}"#.utf8), WallClock.system.now() / 1000)
            let mac = HMAC.authenticate(Array("\(now).".utf8) + body, key: Secret(Array(SamplePlugin.webhookSecret.utf8)))
            return try await stage.panel.send(
                .post, path, .bytes(body, type: "application/json"),
                headers: [("x-signature", "t=\(now),v1=\(Hex.encode(mac))")])
        },

        "createPayment": { stage in
            try await stage.send(
                .post, "~/payments",
                .json([
                    "plugin": .string(SamplePlugin.gateway.id), "amount": ["amount_minor": 1230, "currency": "EUR"],
                    "invoice": ["id": "inv-1"], "customer": ["ref": "client-1"],
                ]))
        },
        "confirmPayment": { stage in
            try await stage.send(.post, try await stage.payment(number: "processing") + "/confirm", .json([:]))
        },
        "capturePayment": { try await $0.send(.post, try await $0.payment(["capture": "manual"]) + "/capture", .json([:])) },
        "cancelPayment": { try await $0.send(.post, try await $0.payment(["capture": "manual"]) + "/cancel", .json([:])) },
        "syncPayment": { try await $0.send(.post, try await $0.payment(number: "processing") + "/sync") },
        "refundPayment": { try await $0.send(.post, try await $0.payment() + "/refunds", .json(["amount_minor": 30])) },

        "enrollFactor": { try await $0.enroll() },
        "beginChallenge": { stage in
            try await stage.send(
                .post, "~/2fa/challenges",
                .json([
                    "enrollment_id": .string(try await stage.activeEnrollment()), "purpose": "login",
                    "session_nonce": .string(MutationStage.nonce),
                ]))
        },
        "verifyChallenge": { stage in
            let answer = try await stage.enroll()
            let challenge = try #require(answer.json["challenge_id"]?.stringValue, "\(answer.text)")
            return try await stage.send(
                .post, "~/2fa/challenges/\(challenge)/verify",
                .json(["code": "00000000", "session_nonce": .string(MutationStage.nonce)]))
        },

        "setNetworkRule": { try await $0.send(.post, "~/network", .json(["range": "192.0.2.0/24", "verdict": "deny"])) },
        "removeNetworkRule": { stage in
            _ = try await stage.send(.post, "~/network", .json(["range": "192.0.2.1", "verdict": "deny"]))
            return try await stage.send(.delete, "~/network?range=192.0.2.1")
        },
        "addOrigin": { try await $0.send(.post, "~/origins", .json(["origin": "https://panel.acme.example"])) },
        "removeOrigin": { stage in
            _ = try await stage.send(.post, "~/origins", .json(["origin": "https://old.acme.example"]))
            return try await stage.send(.delete, "~/origins?origin=https://old.acme.example")
        },

        // By somebody whose rights do not end: a key hands on nothing that lasts longer.
        "createRole": { stage in
            try await stage.send(
                .post, "~/authz/roles", .json(["name": "CREATED", "inherits": ["READ_ONLY"]]), bearer: stage.token())
        },
        "setRoleParents": { stage in
            try await stage.send(.put, "~/authz/roles/\(try await stage.role())", .json(["inherits": ["READ_ONLY"]]), bearer: stage.token())
        },
        "deleteRole": { try await $0.send(.delete, "~/authz/roles/\(try await $0.role())") },
        "setRule": { stage in
            try await stage.send(
                .put, "~/authz/rules/set", .json(["permit": "session.own", "role": .string(try await stage.role())]), bearer: stage.token())
        },
        "removeRule": { stage in
            _ = try await stage.send(
                .put, "~/authz/rules/old", .json(["permit": "session.own", "role": .string(try await stage.role())]), bearer: stage.token())
            return try await stage.send(.delete, "~/authz/rules/old")
        },
        "assignRole": { stage in
            let user = try #require(try await stage.panel.user())
            return try await stage.send(.put, "~/authz/roles/\(try await stage.role())/holders/\(user)", .json([:]))
        },
        "unassignRole": { stage in
            let (user, role) = (try #require(try await stage.panel.user()), try await stage.role())
            _ = try await stage.send(.put, "~/authz/roles/\(role)/holders/\(user)", .json([:]))
            return try await stage.send(.delete, "~/authz/roles/\(role)/holders/\(user)")
        },
        "setSeparation": { try await $0.send(.put, "~/authz/separations/NEW", .json(["roles": ["MANAGER", "READ_ONLY"]])) },
        "removeSeparation": { stage in
            _ = try await stage.send(.put, "~/authz/separations/OLD", .json(["roles": ["MANAGER", "READ_ONLY"]]))
            return try await stage.send(.delete, "~/authz/separations/OLD")
        },

        "sendNotification": { stage in
            try await stage.send(
                .post, "~/notifications",
                .json(["plugin": "probe", "event_type": "invoice.paid", "title": "Paid", "text": "Thank you"]))
        },
    ]
}
