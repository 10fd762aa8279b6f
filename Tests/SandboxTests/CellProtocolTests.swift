// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Sandbox
import Testing
import Values

/// The conversation as a transcript: what happens → what is to be done.
@Suite("CellProtocol", .timeLimit(.minutes(10)))
struct CellProtocolTests {
    @Test("loads the program when the cell is ready and sends what waited when it is loaded")
    func start() throws {
        var conversation = Conversation()
        let first = try conversation.submit()

        #expect(conversation.effects.write.isEmpty)
        conversation.receive(.ready(layers: .production, lua: "Lua 5.4"))
        #expect(conversation.effects.write == [0xEE])
        conversation.effects.write = []
        conversation.receive(.loaded(operations: ["charge"]))

        #expect(conversation.written() == [[2, Int(first.id)]])
    }

    @Test("does not give a program to a cell without the required layers")
    func refusesMissingLayers() throws {
        var conversation = Conversation()
        _ = try conversation.submit()

        conversation.receive(.ready(layers: [.noNewPrivileges], lua: "Lua 5.4"))

        #expect(conversation.effects.write.isEmpty)
        #expect(conversation.effects.kill == .ordered)
        #expect(conversation.told() == ["failed no sandbox: a cell cannot be given these layers here: seccomp"])
    }

    @Test("a cell without a program reports its layers and ends")
    func probe() throws {
        var conversation = Conversation(program: false)
        _ = try conversation.submit()

        conversation.receive(.ready(layers: [.seccomp, .noNewPrivileges, .landlock], lua: "Lua 5.4"))

        #expect(conversation.told() == ["probed seccomp, no_new_privs, Landlock, Lua 5.4"])
        #expect(conversation.effects.kill == .spent)
    }

    @Test("a program that does not load fails everything that waits")
    func loadFails() throws {
        var conversation = Conversation()
        _ = try conversation.submit()
        _ = try conversation.submit()
        conversation.receive(.ready(layers: .production, lua: "Lua 5.4"))

        conversation.receive(.loadFailed(.error, file: "main.lua", line: 3, message: "no"))

        #expect(conversation.told() == ["failed the plugin does not load: main.lua:3", "failed the plugin does not load: main.lua:3"])
        #expect(conversation.machine.phase == .ended)
    }

    @Test("host call, reply, result")
    func hostCall() throws {
        var conversation = Conversation.serving()
        let invocation = try conversation.submit()
        #expect(conversation.written() == [[2, Int(invocation.id)]])

        conversation.receive(.hostCall(id: invocation.id, name: "storage.get", arguments: ["k"]))
        #expect(conversation.told() == ["host call 0 storage.get"])
        _ = conversation.machine.reply(invocation, .value("v"), now: conversation.now, &conversation.effects)
        #expect(conversation.written() == [[3, Int(invocation.id)]])
        conversation.receive(.result(id: invocation.id, ["ok": true], CellUsage()))

        #expect(conversation.told() == [#"finished {"ok":true}"#])
        #expect(conversation.machine.inFlight == 0)
    }

    @Test("log lines arrive with the next step, in order")
    func logs() throws {
        var conversation = Conversation.serving()
        let invocation = try conversation.submit()

        conversation.receive(.log(id: invocation.id, LogLine(level: .info, message: "one"), size: 20))
        conversation.receive(.log(id: invocation.id, LogLine(level: .warn, message: "two"), size: 20))
        conversation.receive(.result(id: invocation.id, nil, CellUsage()))

        #expect(conversation.effects.steps.first?.step.logs.map(\.message) == ["one", "two"])
    }

    @Test("sends as many as there are states, keeps the others in order, refuses beyond")
    func queues() throws {
        var conversation = Conversation.serving(states: 2, waiting: 2)
        let invocations = try (0..<5).map { _ in try conversation.submit() }

        #expect(conversation.written() == [[2, Int(invocations[0].id)], [2, Int(invocations[1].id)]])
        #expect(conversation.told() == ["failed too many calls wait for this plugin"])
        conversation.receive(.result(id: invocations[1].id, 1, CellUsage()))

        #expect(conversation.written() == [[2, Int(invocations[2].id)]])
        #expect(conversation.machine.waitingCount == 1)
    }

    @Test("an id is never used twice in a row by one state")
    func idsDiffer() throws {
        var conversation = Conversation.serving(states: 1)
        var ids: Set<UInt32> = []

        for _ in 0..<1000 {
            let invocation = try conversation.submit()
            ids.insert(invocation.id)
            conversation.receive(.result(id: invocation.id, nil, CellUsage()))
        }

        #expect(ids.count == 1000)
        #expect(!ids.contains(0))
    }

    @Test("a frame that does not belong there ends the cell and fails its calls")
    func violations() throws {
        let strays: [(String, @Sendable (Invocation) -> CellFrame)] = [
            ("result for no invocation", { _ in .result(id: 1, nil, CellUsage()) }),
            ("result for an id that was", { .result(id: $0.id - 2, nil, CellUsage()) }),
            ("ready again", { _ in .ready(layers: .production, lua: "") }),
            ("loaded again", { _ in .loaded(operations: []) }),
            ("cancelled without an order", { .fault(id: $0.id, .cancelled, message: "", traceback: "", CellUsage()) }),
            ("a flood of log", { .log(id: $0.id, LogLine(level: .info, message: ""), size: 1 << 20) }),
        ]
        for (name, stray) in strays {
            var conversation = Conversation.serving()
            let first = try conversation.submit()
            conversation.receive(.result(id: first.id, nil, CellUsage()))
            let invocation = try conversation.submit()
            _ = conversation.told()

            conversation.receive(stray(invocation))

            #expect(conversation.told() == ["failed the plugin's process broke the protocol and was ended"], "\(name)")
            #expect(conversation.effects.kill == .cause, "\(name)")
        }
    }

    @Test("speaking while the host has the turn ends the cell")
    func outOfTurn() throws {
        var conversation = Conversation.serving()
        let invocation = try conversation.submit()
        conversation.receive(.hostCall(id: invocation.id, name: "a", arguments: []))
        _ = conversation.told()

        conversation.receive(.hostCall(id: invocation.id, name: "b", arguments: []))
        _ = conversation.machine.reply(invocation, .value(nil), now: conversation.now, &conversation.effects)

        #expect(conversation.effects.kill == .cause)
        #expect(conversation.told() == ["failed the plugin's process broke the protocol and was ended"])
    }

    @Test("more host calls than the budget allows end the cell")
    func hostCallBudget() throws {
        var conversation = Conversation.serving()
        let invocation = try conversation.submit(InvocationBudget(hostCalls: 1))
        conversation.receive(.hostCall(id: invocation.id, name: "a", arguments: []))
        _ = conversation.machine.reply(invocation, .value(nil), now: conversation.now, &conversation.effects)

        conversation.receive(.hostCall(id: invocation.id, name: "a", arguments: []))

        #expect(conversation.effects.kill == .cause)
    }

    @Test("arguments without a form in the host are answered with a failure")
    func unusableArguments() throws {
        var conversation = Conversation.serving()
        let invocation = try conversation.submit()
        _ = conversation.written()

        conversation.receive(.unusable(id: invocation.id, isResult: false, reason: "no"))

        #expect(conversation.written() == [[3, Int(invocation.id)]])
        #expect(conversation.told() == [])
    }

    @Test("cancelling tells the caller at once and frees the state when the cell agrees")
    func cancel() throws {
        var conversation = Conversation.serving(states: 1)
        let invocation = try conversation.submit()
        _ = conversation.written()

        _ = conversation.machine.cancel(invocation, now: conversation.now, &conversation.effects)
        #expect(conversation.told() == ["failed the call was cancelled"])
        #expect(conversation.written() == [[4, Int(invocation.id)]])
        let next = try conversation.submit()
        #expect(conversation.written() == [])
        conversation.receive(.fault(id: invocation.id, .cancelled, message: "", traceback: "", CellUsage()))

        #expect(conversation.told() == [])
        #expect(conversation.written() == [[2, Int(next.id)]])
    }

    @Test("a result that crosses a cancellation is dropped")
    func cancelCrossesResult() throws {
        var conversation = Conversation.serving()
        let invocation = try conversation.submit()
        _ = conversation.machine.cancel(invocation, now: conversation.now, &conversation.effects)
        _ = conversation.told()

        conversation.receive(.hostCall(id: invocation.id, name: "late", arguments: []))
        conversation.receive(.result(id: invocation.id, 1, CellUsage()))

        #expect(conversation.told() == [])
        #expect(conversation.machine.isIdle)
    }

    @Test("cancelling before submitting and while waiting never reaches the cell")
    func cancelEarly() throws {
        var conversation = Conversation.serving(states: 1)
        let running = try conversation.submit()
        let waiting = try conversation.submit()
        let early = Invocation(frame: [], budget: InvocationBudget(), began: conversation.now)
        _ = conversation.written()

        _ = conversation.machine.cancel(waiting, now: conversation.now, &conversation.effects)
        _ = conversation.machine.cancel(early, now: conversation.now, &conversation.effects)
        _ = conversation.machine.submit(early, now: conversation.now, &conversation.effects)
        conversation.receive(.result(id: running.id, nil, CellUsage()))

        #expect(conversation.told() == ["failed the call was cancelled", "failed the call was cancelled", "finished null"])
        #expect(conversation.written() == [])
    }

    @Test("the wall clock ends a running call, a waiting one and one in the host's hands")
    func wallClock() throws {
        var conversation = Conversation.serving(states: 2, waiting: 2)
        let budget = InvocationBudget(wall: .milliseconds(500))
        let running = try conversation.submit(budget)
        let hosting = try conversation.submit(budget)
        _ = try conversation.submit(budget)
        conversation.receive(.hostCall(id: hosting.id, name: "slow", arguments: []))
        _ = conversation.told()
        _ = conversation.written()

        conversation.check(after: .milliseconds(500))
        #expect(conversation.told() == ["failed the plugin took longer than it may", "failed the plugin took longer than it may"])
        #expect(Set(conversation.written()) == [[4, Int(running.id)], [4, Int(hosting.id)]])
        _ = conversation.machine.reply(hosting, .value(nil), now: conversation.now, &conversation.effects)

        #expect(conversation.told() == ["failed the plugin took longer than it may"])
        #expect(conversation.written() == [])
    }

    @Test("a cell that dies before it was given a program is no crash of the program")
    func diesEarly() throws {
        var conversation = Conversation()
        _ = try conversation.submit()

        conversation.machine.died(.status(77), &conversation.effects)

        #expect(conversation.told() == ["failed the plugin's process died (exit status 77)"])
        #expect(conversation.effects.kill == .ordered)
    }

    @Test("the death of a cell fails what it had and hands on what it had not seen")
    func death() throws {
        var conversation = Conversation.serving(states: 2, waiting: 2)
        _ = try conversation.submit()
        let hosting = try conversation.submit()
        _ = try conversation.submit()
        conversation.receive(.hostCall(id: hosting.id, name: "slow", arguments: []))
        _ = conversation.told()

        conversation.machine.died(.signal(11), &conversation.effects)
        #expect(conversation.told() == ["failed the plugin's process died (signal 11)", "not begun"])
        _ = conversation.machine.reply(hosting, .value(nil), now: conversation.now, &conversation.effects)

        #expect(conversation.told() == ["failed the plugin's process died (signal 11)"])
    }
}
