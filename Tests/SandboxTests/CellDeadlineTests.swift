// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Sandbox
import Testing
import Values

/// What a cell may take, and what becomes of it when it takes more.
@Suite("Cell deadlines", .timeLimit(.minutes(10)))
struct CellDeadlineTests {
    private static let overrun = "failed the plugin used more processor time than it may"
    private static let ended = "failed the plugin's process was ended"

    @Test("a cell that burns processor time unheard is ended at limit and grace, and the only suspect is named")
    func overruns() throws {
        var conversation = Conversation.serving()
        let invocation = try conversation.submit()

        conversation.check(after: .milliseconds(100), cpu: .milliseconds(100))
        let next = conversation.check(after: .milliseconds(99), cpu: .milliseconds(199))
        #expect(conversation.told() == [])
        #expect(next == conversation.now + 1_000_000)
        conversation.check(after: .milliseconds(1), cpu: .milliseconds(200))

        #expect(conversation.told() == [Self.overrun])
        #expect(conversation.effects.kill == .cause)
        #expect(invocation.receipt.cpu == .milliseconds(200))
    }

    @Test("the next look is due when the processor time can be used up at the earliest")
    func nextLook() throws {
        var conversation = Conversation.serving()
        _ = try conversation.submit()

        #expect(conversation.check(after: .milliseconds(150), cpu: .milliseconds(30)) == conversation.now + 170_000_000)
    }

    @Test("several in hand get the patience for the longest of them, not for all, and nobody is named")
    func patience() throws {
        var conversation = Conversation.serving(states: 3)
        for _ in 0..<3 { _ = try conversation.submit() }

        conversation.check(after: .milliseconds(203), cpu: .milliseconds(203))
        #expect(conversation.told() == [])
        conversation.check(after: .milliseconds(1), cpu: .milliseconds(204))

        #expect(conversation.told() == [Self.ended, Self.ended, Self.ended])
        #expect(conversation.effects.kill == .cause)
    }

    @Test("the end of a turn counts anew, a log line does not")
    func signsOfLife() throws {
        var conversation = Conversation.serving()
        let first = try conversation.submit()
        let second = try conversation.submit()
        conversation.receive(.result(id: first.id, 1, CellUsage()), after: .milliseconds(100), cpu: .milliseconds(100))
        _ = conversation.told()

        let line = LogLine(level: .info, message: "still here")
        conversation.receive(.log(id: second.id, line, size: 20), after: .milliseconds(100), cpu: .milliseconds(200))
        conversation.check(after: .milliseconds(99), cpu: .milliseconds(299))
        #expect(conversation.told() == [])
        conversation.check(after: .milliseconds(1), cpu: .milliseconds(300))

        #expect(conversation.told() == [Self.overrun])
    }

    @Test("a cell that is starved of the processor is left alone")
    func starved() throws {
        var conversation = Conversation.serving()
        let invocation = try conversation.submit(InvocationBudget(wall: .seconds(2)))

        for _ in 0..<10 { conversation.check(after: .milliseconds(175)) }

        #expect(conversation.told() == [])
        conversation.receive(.result(id: invocation.id, 1, CellUsage()))
        #expect(conversation.told() == ["finished 1"])
    }

    @Test("a process that nobody can look at is left alone until a deadline has passed")
    func unknownClock() throws {
        var conversation = Conversation.serving()
        _ = try conversation.submit()

        conversation.check(after: .seconds(1), cpu: .nanoseconds(-1))

        #expect(conversation.told() == [])
    }

    @Test("a deaf cell is ended when a deadline and the time to hear of it have passed")
    func deaf() throws {
        var conversation = Conversation.serving()
        _ = try conversation.submit(InvocationBudget(wall: .milliseconds(600)))

        conversation.check(after: .milliseconds(600))
        #expect(conversation.told() == ["failed the plugin took longer than it may"])
        conversation.check(after: .milliseconds(1099))
        #expect(conversation.effects.kill == nil)
        conversation.check(after: .milliseconds(1))

        #expect(conversation.effects.kill == .cause)
    }

    @Test("a cell that computes although nobody asked it to is ended")
    func restless() throws {
        var conversation = Conversation.serving()
        let invocation = try conversation.submit(InvocationBudget(wall: .seconds(600)))
        conversation.receive(.hostCall(id: invocation.id, name: "slow", arguments: []), after: .milliseconds(10), cpu: .milliseconds(10))
        _ = conversation.told()

        conversation.check(after: .seconds(5), cpu: .milliseconds(259))
        conversation.check(after: .seconds(5), cpu: .milliseconds(508))
        #expect(conversation.effects.kill == nil)
        conversation.check(after: .seconds(5), cpu: .milliseconds(758))

        #expect(conversation.effects.kill == .cause)
    }

    @Test("an idle cell is ended after its time, a busy one is not")
    func idles() throws {
        var conversation = Conversation.serving()
        let invocation = try conversation.submit(InvocationBudget(wall: .seconds(600)))
        conversation.receive(.hostCall(id: invocation.id, name: "slow", arguments: []))

        conversation.check(after: .seconds(120))
        #expect(conversation.machine.phase == .serving)
        _ = conversation.machine.reply(invocation, .value(nil), now: conversation.now, &conversation.effects)
        conversation.receive(.result(id: invocation.id, nil, CellUsage()))
        #expect(conversation.check(after: .seconds(59)) == conversation.now + 1_000_000_000)
        conversation.check(after: .seconds(1))

        #expect(conversation.machine.phase == .ended)
        #expect(conversation.effects.kill == .spent)
    }

    @Test("a cell that does not load in time is ended, and that is not its fault")
    func startDeadline() throws {
        var conversation = Conversation()
        _ = try conversation.submit()

        #expect(conversation.check(after: .milliseconds(4500)) == Moment(nanoseconds: 5_000_000_000))
        conversation.check(after: .milliseconds(500))

        #expect(conversation.told() == ["failed no sandbox: the cell did not load its program in time"])
        #expect(conversation.effects.kill == .ordered)
    }

    @Test("a cell that computes beyond the limit while it loads is ended, and the program is to blame")
    func loadsForEver() throws {
        var conversation = Conversation()
        _ = try conversation.submit()
        conversation.receive(.ready(layers: .production, lua: "Lua 5.4"))

        #expect(conversation.check(after: .milliseconds(600), cpu: .milliseconds(600)) == conversation.now + 500_000_000)
        conversation.check(after: .milliseconds(500), cpu: .milliseconds(1100))

        #expect(conversation.told() == ["failed the plugin does not load"])
        #expect(conversation.effects.kill == .cause)
    }
}
