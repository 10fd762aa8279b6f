// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import PluginAPI
package import Security
package import Storage
package import Values

/// Second factors that a plugin delivers. The plugin carries a code to a destination and never learns whether it was typed in:
/// code, attempts, expiry, limits and verdict are the host's.
package struct TwoFactorService: Sendable {
    /// Wrong answers after which a challenge is locked.
    static let attemptLimit = 5
    /// How long a pending enrolment may be completed, in milliseconds.
    static let enrollmentLifetime: Int64 = 15 * 60_000
    private static let sealedDestination = "factor_enrollments.destination"
    private static let sealedCode = "factor_challenges.code"

    private let database: any Database
    private let directory: PluginDirectory
    private let pipeline: InvocationPipeline
    private let encryption: EncryptionService
    private let clock: HostClock

    package init(
        database: any Database, directory: PluginDirectory, pipeline: InvocationPipeline, encryption: EncryptionService, clock: HostClock
    ) {
        (self.database, self.directory, self.pipeline) = (database, directory, pipeline)
        (self.encryption, self.clock) = (encryption, clock)
    }

    // MARK: Enrolment

    /// Sets up a destination and sends the first code to it. The factor is active once that code was typed in.
    package func enroll(_ permit: Permit, _ request: EnrollFactor, idempotencyKey: String, origin: CallOrigin) async throws -> ChallengeView
    {
        let instance = try await deliveringInstance(permit, request.plugin, request.label)
        let destination = try await normalize(permit, request, through: instance, origin: origin)
        let now = clock.nowMilliseconds()
        // The same key gives the same identifiers, so that a retry finds what the first try made.
        let seed = try await encryption.pseudonym(
            of: Self.digest([instance.id.description, request.userRef, destination.address, idempotencyKey]), as: "enrollment",
            in: permit.scope)
        if let known = try await existing(permit, requestKey: seed) { return known }

        let id = EnrollmentID.make()
        let sealed = try await encryption.seal(
            Array(destination.address.utf8), as: location(permit, instance.plugin, Self.sealedDestination, id.description))
        let enrollment = EnrollmentRecord(
            id: id, instance: instance.id, plugin: instance.plugin, userRef: request.userRef, destination: sealed, hint: destination.hint,
            status: .pending, createdAt: now, expiresAt: now + Self.enrollmentLifetime)
        return try await ask(
            permit, enrollment, isNew: true, instance: instance, address: destination.address, purpose: "enroll", locale: request.locale,
            nonce: request.sessionNonce, brand: request.brand, requestKey: seed, origin: origin)
    }

    // MARK: Challenge

    /// Sends a code to an active factor. The same idempotency key finds the same challenge and sends nothing again.
    package func begin(_ permit: Permit, _ request: BeginChallenge, idempotencyKey: String, origin: CallOrigin) async throws
        -> ChallengeView
    {
        let now = clock.nowMilliseconds()
        let requestKey = Self.digest([request.purpose, request.sessionNonce, idempotencyKey])
        let found = try await database.read(permit.scope) { tx in
            let factors = FactorRepository(tx)
            let enrollment = try factors.enrollment(request.enrollment)
            return (enrollment, try enrollment.flatMap { try factors.challenge(of: $0.id, requestKey: requestKey) })
        }
        guard let enrollment = found.0, enrollment.status == .active else { throw HostError.noSuchFactor }
        if let open = found.1 { return view(open, enrollment, at: now) }

        let instance = try await directory.instance(for: permit, id: enrollment.instance)
        guard let factor = instance.manifest.factor, factor.purposes.contains(request.purpose) else {
            throw HostError(
                .unsupported, "\(enrollment.plugin) is not a second factor for this purpose",
                fields: [.init(field: "purpose", message: "must be one that the plugin's manifest declares")])
        }
        let address = try await encryption.open(
            enrollment.destination, at: location(permit, enrollment.plugin, Self.sealedDestination, enrollment.id.description))
        return try await ask(
            permit, enrollment, isNew: false, instance: instance, address: String(decoding: address.revealedBytes(), as: UTF8.self),
            purpose: request.purpose, locale: request.locale, nonce: request.sessionNonce, brand: request.brand, requestKey: requestKey,
            origin: origin)
    }

    /// Decides about an answer. An attempt is taken before the answer is looked at, so that guesses in parallel count as well.
    package func verify(_ permit: Permit, _ id: ChallengeID, _ answer: VerifyChallenge, origin: CallOrigin) async throws -> Value {
        let now = clock.nowMilliseconds()
        let found = try await database.transaction(permit.scope) { tx -> (ChallengeRecord, EnrollmentRecord, Int?)? in
            let factors = FactorRepository(tx)
            guard let challenge = try factors.challenge(id), let enrollment = try factors.enrollment(challenge.enrollment) else {
                return nil
            }
            return (challenge, enrollment, try factors.takeAttempt(id, limit: Self.attemptLimit, at: now))
        }
        guard let (challenge, enrollment, attempt) = found else { throw HostError.noSuchFactor }

        let isRight = try await isRight(answer, permit, challenge, enrollment) && attempt != nil
        let verdict = try await database.transaction(permit.scope) { tx -> Verdict in
            let factors = FactorRepository(tx)
            var verdict = Verdict.rejected
            var reason = "wrong"
            if attempt == nil {
                reason = "over"
            } else if isRight, try factors.move(id, from: [.created, .sent], to: .accepted) {
                // An enrolment that ran out meanwhile is not brought to life by a late answer.
                // Nor does a factor answer that was withdrawn meanwhile.
                let stands =
                    challenge.purpose == "enroll"
                    ? try factors.activate(enrollment.id, at: now) : try factors.enrollment(enrollment.id)?.status == .active
                verdict = stands ? .accepted : .rejected
                reason = stands ? "right" : "expired"
            } else if attempt == Self.attemptLimit, try factors.move(id, from: [.created, .sent], to: .locked) {
                reason = "locked"
            }
            try tx.append(
                AuditEvent(
                    of: permit, resource: "challenge:\(id)", outcome: verdict == .accepted ? .success : .failure,
                    detail: [
                        "event": .string(
                            verdict == .accepted ? "two_factor.succeeded" : reason == "locked" ? "two_factor.locked" : "two_factor.failed"),
                        "purpose": .string(challenge.purpose), "plugin": .string(enrollment.plugin.description), "reason": .string(reason),
                    ], correlation: origin.correlation, address: origin.address))
            return verdict
        }
        return [
            "result": .string(verdict.rawValue), "enrollment_id": .string(enrollment.id.description), "purpose": .string(challenge.purpose),
        ]
    }

    /// Looks at code and nonce in constant time, also when no attempt is left: the time tells nothing.
    private func isRight(
        _ answer: VerifyChallenge, _ permit: Permit, _ challenge: ChallengeRecord, _ enrollment: EnrollmentRecord
    ) async throws -> Bool {
        let code = try await encryption.open(
            challenge.code, at: location(permit, enrollment.plugin, Self.sealedCode, challenge.id.description))
        let sameSession = ConstantTime.equals(Array(Self.digest([answer.sessionNonce]).utf8), Array(challenge.nonceHash.utf8))
        let sameCode = ConstantTime.equals(OneTimeCode.normalize(answer.code) ?? [], code.revealedBytes())
        return sameSession && sameCode
    }

    /// Decides about an answer to whatever was sent to an enrolment last for this nonce; false when nothing was.
    package func verify(
        _ permit: Permit, enrollment: EnrollmentID, purpose: String, code: String, nonce: String, origin: CallOrigin
    ) async throws -> Bool {
        let challenge = try await database.read(permit.scope) {
            try FactorRepository($0).challenge(of: enrollment, nonceHash: Self.digest([nonce]), purpose: purpose)
        }
        guard let challenge else { return false }
        let verdict = try await verify(permit, challenge.id, VerifyChallenge(code: code, sessionNonce: nonce), origin: origin)
        return verdict["result"]?.stringValue == Verdict.accepted.rawValue
    }

    /// Takes an enrolment back: no code is sent to it any more, and none that was sent counts.
    package func revoke(_ permit: Permit, enrollment: EnrollmentID) async throws {
        let now = clock.nowMilliseconds()
        try await database.transaction(permit.scope) { try FactorRepository($0).revoke(enrollment, at: now) }
    }

    // MARK: Sending

    private func ask(
        _ permit: Permit, _ enrollment: EnrollmentRecord, isNew: Bool, instance: PluginInstance, address: String, purpose: String,
        locale: String, nonce: String, brand: String?, requestKey: String, origin: CallOrigin
    ) async throws -> ChallengeView {
        let now = clock.nowMilliseconds()
        let factor = instance.manifest.factor
        let code = Array(SecureRandom.digits(factor?.codeLength ?? 6).utf8)
        let lifetime = factor?.lifetime.components.seconds ?? 300
        let id = ChallengeID.make()
        let sealed = try await encryption.seal(code, as: location(permit, instance.plugin, Self.sealedCode, id.description))
        let challenge = ChallengeRecord(
            id: id, enrollment: enrollment.id, purpose: purpose, nonceHash: Self.digest([nonce]), code: sealed, status: .created,
            attempts: 0,
            requestKey: requestKey, createdAt: now, expiresAt: now + lifetime * 1000)
        let subjects = [
            try await encryption.pseudonym(of: enrollment.userRef, as: "user", in: permit.scope),
            try await encryption.pseudonym(of: address, as: "destination", in: permit.scope),
        ]
        let invocation = Invocation(
            permit: permit, instance: instance, operation: "deliver_code",
            request: [
                "user_ref": .string(enrollment.userRef), "destination": .string(address), "code": .secret(SecretUse(name: "req.code")),
                "ttl_s": .int(lifetime), "purpose": .string(purpose), "locale": .string(locale),
                "brand": .string(brand ?? permit.principal.slug.description),
                "dedupe_key": .string(id.description),
            ],
            subject: AuditSubject(
                resource: "challenge:\(id)",
                detail: [
                    "event": "two_factor.challenge_sent", "purpose": .string(purpose), "plugin": .string(instance.plugin.description),
                ],
                correlation: origin.correlation, address: origin.address),
            idempotencyKey: id.description, locale: locale, secrets: ["req.code": Secret(code)], confidential: [Secret(Array(address.utf8))]
        )
        do {
            return try await pipeline.run(
                invocation,
                begin: { tx in
                    let factors = FactorRepository(tx)
                    // Limits are decided by rows that others may be about to add.
                    try tx.lock("factor_sends")
                    let twin =
                        try isNew ? factors.challenge(requestKey: requestKey) : factors.challenge(of: enrollment.id, requestKey: requestKey)
                    if let twin { throw AskedAlready(challenge: twin, enrollment: try factors.enrollment(twin.enrollment) ?? enrollment) }
                    try Self.enforceLimits(factors, subjects: subjects, at: now)
                    if isNew { try factors.insert(enrollment) }
                    try factors.insert(challenge)
                    for subject in subjects + [Self.tenantSubject] { try factors.recordSend(subject: subject, id: id, at: now) }
                },
                record: { report, tx in
                    let factors = FactorRepository(tx)
                    _ = try factors.move(id, from: [.created], to: Self.status(after: report))
                    // The code may have been typed in while the plugin still ran: what the row says is true.
                    return view(try factors.challenge(id) ?? challenge, try factors.enrollment(enrollment.id) ?? enrollment, at: now)
                })
        } catch let asked as AskedAlready {
            return view(asked.challenge, asked.enrollment, at: now)
        }
    }

    /// The same request came a second time before the first one was through: it gets what the first one made.
    private struct AskedAlready: Error {
        let challenge: ChallengeRecord
        let enrollment: EnrollmentRecord
    }

    private static let tenantSubject = "tenant"

    private static func enforceLimits(_ factors: FactorRepository, subjects: [String], at now: Int64) throws {
        let limits = subjects.map { ($0, SendLimits.standard) } + [(tenantSubject, SendLimits.tenantBudget)]
        for (subject, limit) in limits {
            let sends = try factors.sends(to: subject, since: now - limit.horizon)
            guard let wait = limit.wait(after: sends, at: now) else { continue }
            throw HostError(
                .rateLimited, "too many codes were sent; wait before asking for another one", retryAfterSeconds: Int((wait + 999) / 1000))
        }
    }

    /// A delivery that nobody knows about counts as sent: it is not sent again by itself, and the code may well have arrived.
    private static func status(after report: InvocationReport) -> ChallengeRecord.Status {
        switch report.result {
        case .success(let value): value["status"]?.stringValue == "rejected" ? .failed : .sent
        case .failure(let failure): failure.outcome == .unknown ? .sent : .failed
        }
    }

    private func normalize(
        _ permit: Permit, _ request: EnrollFactor, through instance: PluginInstance, origin: CallOrigin
    ) async throws -> (address: String, hint: String) {
        guard instance.manifest.implements("normalize_destination") else {
            return (request.destination, Self.hint(request.destination))
        }
        var fields: [String: Value] = ["raw": .string(request.destination)]
        if let country = request.country { fields["country"] = .string(country) }
        let invocation = Invocation(
            permit: permit, instance: instance, operation: "normalize_destination", request: .map(fields),
            subject: AuditSubject(
                resource: "plugin:\(instance.plugin)", detail: ["event": "two_factor.normalize_destination"],
                correlation: origin.correlation, address: origin.address),
            locale: request.locale, confidential: [Secret(Array(request.destination.utf8))], isReadOnly: true)
        let report = try await pipeline.run(invocation) { report, _ in report }
        switch report.result {
        case .success(let value):
            guard let address = value["destination"]?.stringValue else {
                throw HostError(.pluginInvalid, "the plugin gave no destination")
            }
            // A plugin that gives all of it as a hint would put it where everybody looks.
            guard let hint = value["hint"]?.stringValue, !hint.contains(address) else { return (address, Self.hint(address)) }
            return (address, hint)
        case .failure(let failure) where failure.code == .invalidRequest:
            throw HostError(
                .invalidRequest, "codes cannot be sent to this destination",
                fields: [.init(field: "destination", message: "is not a destination that this plugin can send to")])
        case .failure(let failure):
            let code: HostError.Code = failure.code.isHostsOwn ? .custom(failure.code.rawValue) : .unavailable
            throw HostError(
                code, "the second-factor plugin failed: \(failure.code.rawValue)",
                retryAfterSeconds: failure.retryAfterSeconds.map { Int(clamping: $0) })
        }
    }

    // MARK: Details

    private func deliveringInstance(_ permit: Permit, _ plugin: PluginID, _ label: String) async throws -> PluginInstance {
        let instance = try await directory.instance(for: permit, plugin: plugin, label: label)
        guard instance.manifest.kind == .twoFactor, instance.manifest.factor?.style == .delivered else {
            throw HostError(
                .unsupported, "\(plugin) is not a second factor that delivers codes",
                fields: [.init(field: "plugin", message: "must be a two_factor plugin of style 'delivered'")])
        }
        return instance
    }

    private func existing(_ permit: Permit, requestKey: String) async throws -> ChallengeView? {
        let now = clock.nowMilliseconds()
        return try await database.read(permit.scope) { tx in
            let factors = FactorRepository(tx)
            guard let challenge = try factors.challenge(requestKey: requestKey),
                let enrollment = try factors.enrollment(challenge.enrollment)
            else { return nil }
            return view(challenge, enrollment, at: now)
        }
    }

    private func view(_ challenge: ChallengeRecord, _ enrollment: EnrollmentRecord, at now: Int64) -> ChallengeView {
        let isOver = challenge.expiresAt <= now && [.created, .sent].contains(challenge.status)
        return ChallengeView(
            challenge: challenge.id, enrollment: enrollment.id, enrollmentStatus: enrollment.status,
            status: isOver ? .expired : challenge.status,
            hint: enrollment.hint, expiresAt: challenge.expiresAt)
    }

    private func location(_ permit: Permit, _ plugin: PluginID, _ field: String, _ record: String) -> SealedLocation {
        SealedLocation(tenant: permit.scope.tenant, plugin: plugin, field: field, record: record)
    }

    /// The last two characters, whatever it is: enough to recognise, not enough to use.
    private static func hint(_ address: String) -> String { address.count > 4 ? "…" + address.suffix(2) : "…" }

    /// SHA-256 over length-prefixed parts, so that no two lists share a digest.
    private static func digest(_ parts: [String]) -> String {
        Hex.encode(Hash.sha256(parts.flatMap { Array("\($0.utf8.count):".utf8) + Array($0.utf8) }))
    }
}

extension HostError {
    /// One answer for what does not exist, is not active, or belongs to somebody else.
    static let noSuchFactor = HostError(.notFound, "there is no such second factor")
}

extension Value {
    /// The plugin that a request names.
    package func plugin() throws(HostError) -> PluginID {
        guard let plugin = self["plugin"]?.stringValue.flatMap({ PluginID($0) }) else {
            throw HostError(
                .invalidRequest, "the request is not valid",
                fields: [.init(field: "plugin", message: "must be the id of a plugin, for example sms-twilio")])
        }
        return plugin
    }
}
