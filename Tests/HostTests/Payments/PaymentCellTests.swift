// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import Logging
import PluginAPI
import Sandbox
import Security
import Storage
import Synchronization
import Testing
import Values

/// Payments through the real pipeline: a Lua plugin in a real cell that talks to a provider over a socket.
@Suite("Payments in a cell", .timeLimit(.minutes(10)))
struct PaymentCellTests {
    private static let gateway = """
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

        return {
            validate_config = function(ctx, req) return { ok = true } end,
            create_payment = function(ctx, req)
                if req.invoice.number == "loop-before" then while true do end end
                local response, err = ctx.http.request {
                    method = "POST", url = "https://api.pay.test/v1/charges",
                    headers = { authorization = ctx.http.bearer(ctx.secret.secret_key) },
                    json = { reference = req.merchant_reference, amount = req.amount.amount_minor, currency = req.amount.currency },
                }
                if not response then return failed(err) end
                if req.invoice.number == "loop-after" then while true do end end
                if req.invoice.number == "lie" then
                    return { ok = false, error = { code = "internal", message = "It was nothing.", retryable = true, outcome = "not_sent" } }
                end
                return answer(response:json())
            end,
            get_payment = function(ctx, req)
                local response, err = ctx.http.get("https://api.pay.test/v1/charges", {
                    query = { reference = req.merchant_reference },
                    headers = { authorization = ctx.http.bearer(ctx.secret.secret_key) },
                })
                if not response then return failed(err) end
                if response.status == 404 then
                    return { ok = false, error = { code = "not_found", message = "There is none.", retryable = false, outcome = "rejected" } }
                end
                return answer(response:json())
            end,
            parse_webhook = function(ctx, req)
                local event = ctx.json.decode(req.raw_body)
                local result = answer(event.charge)
                result.ok = nil
                return { ok = true, events = panel.array { {
                    kind = "payment", event_id = event.id, provider_payment_id = event.charge.id,
                    merchant_reference = event.charge.reference, occurred_at_ms = ctx.now_ms, result = result,
                } } }
            end,
        }
        """

    /// A bench whose gateway is the plugin above in a real cell, and whose provider listens on loopback.
    private func withCell(
        port: Int? = nil, _ body: (PaymentBench, PaymentService, ChargePeer, Sandbox) async throws -> Void
    ) async throws {
        let executable = try #require(
            SandboxConfiguration.locateCell(), "SandboxCell is not beside the tests: build the whole package first")
        let logger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
        let sandbox = try await Sandbox.start(SandboxConfiguration(cellExecutable: executable), logger: logger)
        let peer = try await ChargePeer.start()
        let bench = try await PaymentBench()
        let egress = EgressClient(
            policy: EgressPolicy(
                exemptions: [try .reroute("https://api.pay.test", to: "http://127.0.0.1:\(port ?? peer.port)")], allowsLoopback: false),
            resolver: nil)
        let manifest = try TestGateway.manifest()
        let instance = GatewayInstance(
            id: .make(), label: "default", scope: bench.permit.scope, plugin: manifest.id, manifest: manifest,
            program: Program(hash: "cell-test", entry: "main.lua", files: [("main.lua", Array(Self.gateway.utf8))]),
            approved: manifest.requestedCapabilities, config: [:], sealed: [:])
        let sealed = try await bench.encryption.seal(Secret("sk_test_very_secret"), as: instance.location(of: "secret_key"))
        let caps = InvocationCaps()
        let pipeline = InvocationPipeline(
            database: bench.database, sandbox: sandbox, encryption: bench.encryption,
            functions: HostFunctionTable(egress: egress, database: bench.database, clock: bench.clock.host, caps: caps),
            fallback: AuditFallback(), caps: caps, clock: bench.clock.host, log: PluginLog(logger))
        let service = PaymentService(
            database: bench.database,
            gateways: GatewayPort(
                instance: { _, _ in
                    GatewayInstance(
                        id: instance.id, label: "default", scope: instance.scope, plugin: manifest.id, manifest: manifest,
                        program: instance.program,
                        approved: instance.approved, config: [:], sealed: ["secret_key": .init(sealed: sealed)])
                },
                run: { invocation, begin, record in try await pipeline.run(invocation, begin: begin, record: record) },
                secret: { _, _ in PaymentBench.webhookSecret }),
            encryption: bench.encryption, system: SystemAuthority(), clock: bench.clock.host)
        do {
            try await body(bench, service, peer, sandbox)
        } catch {
            await end(sandbox, egress, peer)
            throw error
        }
        await end(sandbox, egress, peer)
    }

    private func end(_ sandbox: Sandbox, _ egress: EgressClient, _ peer: ChargePeer) async {
        await sandbox.shutdown()
        await egress.shutdown()
        try? await peer.stop()
    }

    private func request(_ bench: PaymentBench, _ number: String? = nil, invoice: String = "inv-1") throws -> CreatePayment {
        var request = try bench.request(invoice: invoice)
        request.invoice.number = number
        return request
    }

    @Test("charge once for 64 requests with one key, with the secret filled in outside of the cell")
    func charge() async throws {
        try await withCell { bench, service, peer, _ in
            let request = try request(bench)

            let statuses = try await withThrowingTaskGroup(of: PaymentStatus?.self) { group in
                for _ in 0..<64 {
                    group.addTask {
                        do {
                            return try await bench.pay(request, on: service).payment.status
                        } catch let error as HostError where error.code == .inProgress {
                            return nil
                        }
                    }
                }
                return try await group.reduce(into: Set<PaymentStatus?>()) { $0.insert($1) }
            }

            #expect(statuses.subtracting([nil]) == [.succeeded])
            #expect(peer.books.withLock { $0.charges.map(\.minor) } == [1_230])
            #expect(peer.books.withLock { $0.charges.map { $0.key.dropFirst(52) } } == ["-1"])
            #expect(peer.books.withLock { $0.authorizations } == ["Bearer sk_test_very_secret"])
        }
    }

    @Test("know a provider that is down before a byte left from one that hung up afterwards")
    func downBeforeAndAfter() async throws {
        let nobody = try await LoopbackPeer.refusedPort()
        try await withCell(port: nobody) { bench, service, _, _ in
            let reply = try await bench.pay(on: service)
            #expect(reply.problem?.outcome == .notSent)
            #expect(reply.payment.status == .canceled)
        }
        try await withCell { bench, service, peer, _ in
            peer.books.withLock { $0.manner = .hangsUp }
            let reply = try await bench.pay(on: service)
            #expect(reply.disposition == .unknown)
            #expect(reply.payment.status == .unknown)

            peer.books.withLock { $0.manner = .answers }
            let synced = try await service.sync(bench.permit, reply.payment.id, origin: bench.origin)
            #expect(synced.payment.status == .succeeded)
            #expect(peer.books.withLock { $0.charges.count } == 1)
        }
    }

    @Test(
        "believe what was seen on the wire, whatever the plugin did or says",
        arguments: [
            ("loop-before", PaymentStatus.canceled), ("loop-after", .unknown), ("lie", .unknown),
        ])
    func evidence(number: String, expected: PaymentStatus) async throws {
        try await withCell { bench, service, peer, _ in
            let reply = try await bench.pay(request(bench, number), on: service)
            #expect(reply.payment.status == expected)

            let next = try await bench.pay(request(bench, invoice: "inv-2"), key: "key-2", on: service)
            #expect(next.payment.status == .succeeded)
        }
    }

    @Test("survive the death of their cell in the middle of a charge, and find out what became of it")
    func killed() async throws {
        try await withCell { bench, service, peer, sandbox in
            peer.books.withLock { $0.manner = .keepsSilent }
            async let pending = bench.pay(on: service)
            for await _ in peer.requests { break }
            sandbox.kill(program: "cell-test")
            sandbox.revive(program: "cell-test")
            let reply = try await pending
            #expect(reply.disposition == .unknown)

            peer.books.withLock { $0.manner = .answers }
            #expect(try await service.sync(bench.permit, reply.payment.id, origin: bench.origin).payment.status == .succeeded)
            #expect(try await bench.pay(request(bench, invoice: "inv-2"), key: "key-2", on: service).payment.status == .succeeded)
            #expect(peer.books.withLock { $0.charges.count } == 2)
        }
    }

    @Test("are canceled, never unknown, when their plugin may not run or is stopped before a byte has left")
    func stopped() async throws {
        try await withCell { bench, service, peer, sandbox in
            async let pending = bench.pay(request(bench, "loop-before"), on: service)
            while sandbox.statistics.running == 0 { await Task.yield() }
            sandbox.kill(program: "cell-test")
            let stopped = try await pending
            let refused = try await bench.pay(request(bench, invoice: "inv-2"), key: "key-2", on: service)

            for reply in [stopped, refused] {
                #expect(reply.disposition == .failed && reply.payment.status == .canceled)
                #expect(reply.problem?.code == "plugin_killed" && reply.problem?.outcome == .notSent)
            }
            #expect(peer.books.withLock { $0.charges.isEmpty })
        }
    }

    @Test("settle by a signed message that the plugin reads and the provider confirms")
    func webhook() async throws {
        try await withCell { bench, service, peer, _ in
            peer.books.withLock { $0.manner = .hangsUp }
            let id = try await bench.pay(on: service).payment.id
            peer.books.withLock { $0.manner = .answers }
            let token = try await service.webhookURL(bench.permit, "testpay", origin: bench.origin).token
            let body = Array(#"{"id":"evt_1","charge":{"id":"ch_1","reference":"\#(id)","amount":1230,"currency":"EUR"}}"#.utf8)

            let receipt = try await service.receive(
                token: token, method: "POST", headers: bench.sign(body), body: body, origin: bench.origin)
            try await service.settle(receipt)

            #expect(try await bench.messages() == ["applied"])
            #expect(try await service.get(bench.permit, id, origin: bench.origin).status == .succeeded)
        }
    }
}
