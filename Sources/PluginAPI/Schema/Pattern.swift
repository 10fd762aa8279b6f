// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// A regular expression that runs in linear time, whoever wrote it.
///
/// Patterns come from plugin authors and run on the host over what people type: a backtracking engine could be made to hang by either of them.
/// This one simulates all states at once. It takes what JSON Schema recommends to use: literals, `.`, classes, `\d \w \s`,
/// groups, `|`, `* + ? {m,n}`, `^` and `$`. As in JSON Schema it searches; anchor it to match the whole text.
public struct Pattern: Sendable, Hashable, CustomStringConvertible {
    /// As it was written.
    public let source: String
    private let program: [Step]

    /// Why a pattern cannot be used.
    public struct SyntaxError: Error, Sendable, Hashable, CustomStringConvertible {
        /// What is wrong.
        public let description: String
    }

    enum Step: Sendable, Hashable {
        case character(CharacterSet)
        case start, end, match
        case jump(Int)
        case split(Int, Int)
    }

    struct CharacterSet: Sendable, Hashable {
        var ranges: [ClosedRange<UInt32>]
        var isNegated = false

        func contains(_ value: UInt32) -> Bool { ranges.contains { $0.contains(value) } != isNegated }
    }

    /// Reads a pattern.
    public init(_ source: String) throws(SyntaxError) {
        guard source.unicodeScalars.count <= 256 else { throw SyntaxError(description: "is longer than 256 characters") }
        var compiler = PatternCompiler(source)
        self.source = source
        program = try compiler.compile()
    }

    /// A pattern of the source code itself; a wrong one matches nothing, and the tests find it.
    init(known source: StaticString) {
        self.source = source.description
        var compiler = PatternCompiler(source.description)
        program = (try? compiler.compile()) ?? []
    }

    /// Whether the pattern is found in the text.
    public func matches(_ text: String) -> Bool {
        guard !program.isEmpty else { return false }
        var current = StateSet(count: program.count)
        var next = StateSet(count: program.count)
        let scalars = Array(text.unicodeScalars)
        for position in 0...scalars.count {
            // A new attempt starts at each position: a search, not a match from the start.
            if add(0, to: &current, isStart: position == 0, isEnd: position == scalars.count) { return true }
            guard position < scalars.count else { return false }
            next.removeAll()
            let isEnd = position + 1 == scalars.count
            for index in current.members {
                if case .character(let set) = program[index], set.contains(scalars[position].value),
                    add(index + 1, to: &next, isStart: false, isEnd: isEnd)
                {
                    return true
                }
            }
            swap(&current, &next)
        }
        return false
    }

    /// Adds a state and all that it reaches without reading; true when one of them is the end of the pattern.
    private func add(_ first: Int, to states: inout StateSet, isStart: Bool, isEnd: Bool) -> Bool {
        var pending = [first]
        while let index = pending.popLast() {
            guard states.insert(index) else { continue }
            switch program[index] {
            case .match: return true
            case .jump(let target): pending.append(target)
            case .split(let a, let b): pending += [b, a]
            case .start: if isStart { pending.append(index + 1) }
            case .end: if isEnd { pending.append(index + 1) }
            case .character: break
            }
        }
        return false
    }

    private struct StateSet {
        private(set) var members: [Int] = []
        private var marks: [Bool]

        init(count: Int) { marks = Array(repeating: false, count: count) }

        mutating func insert(_ index: Int) -> Bool {
            guard !marks[index] else { return false }
            marks[index] = true
            members.append(index)
            return true
        }

        mutating func removeAll() {
            for index in members { marks[index] = false }
            members.removeAll(keepingCapacity: true)
        }
    }

    /// The source.
    public var description: String { source }
    /// Patterns are equal when they were written the same.
    public static func == (a: Pattern, b: Pattern) -> Bool { a.source == b.source }
    /// By the source.
    public func hash(into hasher: inout Hasher) { hasher.combine(source) }
}

/// Turns a pattern into steps; the number of steps is limited, so `((a{99}){99}){99}` is refused and not expanded.
private struct PatternCompiler {
    private let scalars: [Unicode.Scalar]
    private var at = 0
    private var depth = 0
    private static let mostSteps = 2000

    init(_ source: String) { scalars = Array(source.unicodeScalars) }

    mutating func compile() throws(Pattern.SyntaxError) -> [Pattern.Step] {
        let steps = try alternatives()
        guard at == scalars.count else { throw error("a ) without (") }
        return steps + [.match]
    }

    private func error(_ text: String) -> Pattern.SyntaxError { Pattern.SyntaxError(description: "has \(text) at character \(at + 1)") }

    private mutating func alternatives() throws(Pattern.SyntaxError) -> [Pattern.Step] {
        depth += 1
        guard depth <= 16 else { throw error("too many groups inside each other") }
        var result = try sequence()
        while at < scalars.count, scalars[at] == "|" {
            at += 1
            let right = try sequence()
            result =
                [.split(1, result.count + 2)] + shift(result, 1) + [.jump(result.count + 2 + right.count)] + shift(right, result.count + 2)
            try limit(result)
        }
        depth -= 1
        return result
    }

    private mutating func sequence() throws(Pattern.SyntaxError) -> [Pattern.Step] {
        var result: [Pattern.Step] = []
        while at < scalars.count, scalars[at] != "|", scalars[at] != ")" {
            let atom = try atom()
            let repeated = try repetition(of: atom)
            result += shift(repeated, result.count)
            try limit(result)
        }
        return result
    }

    private func limit(_ steps: [Pattern.Step]) throws(Pattern.SyntaxError) {
        guard steps.count <= Self.mostSteps else {
            throw Pattern.SyntaxError(description: "is too large when its repetitions are written out")
        }
    }

    private func shift(_ steps: [Pattern.Step], _ by: Int) -> [Pattern.Step] {
        steps.map { step in
            switch step {
            case .jump(let target): .jump(target + by)
            case .split(let a, let b): .split(a + by, b + by)
            default: step
            }
        }
    }

    private mutating func atom() throws(Pattern.SyntaxError) -> [Pattern.Step] {
        let scalar = scalars[at]
        at += 1
        switch scalar {
        case "^": return [.start]
        case "$": return [.end]
        case ".": return [.character(.init(ranges: [0x0A...0x0A, 0x0D...0x0D], isNegated: true))]
        case "[": return [.character(try characterClass())]
        case "(":
            if at < scalars.count, scalars[at] == "?" {
                guard at + 1 < scalars.count, scalars[at + 1] == ":" else { throw error("a (? group that is not supported; only (?: is") }
                at += 2
            }
            let inner = try alternatives()
            guard at < scalars.count, scalars[at] == ")" else { throw error("a ( without )") }
            at += 1
            return inner
        case "*", "+", "?", "{": throw error("a repetition of nothing; write \\\(scalar) for the character itself")
        case "\\": return [.character(try escape())]
        default: return [.character(.init(ranges: [scalar.value...scalar.value]))]
        }
    }

    private mutating func escape() throws(Pattern.SyntaxError) -> Pattern.CharacterSet {
        guard at < scalars.count else { throw error("a \\ at its end") }
        let scalar = scalars[at]
        at += 1
        let digits: [ClosedRange<UInt32>] = [0x30...0x39]
        let word: [ClosedRange<UInt32>] = [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A]
        let space: [ClosedRange<UInt32>] = [0x09...0x0D, 0x20...0x20, 0xA0...0xA0, 0xFEFF...0xFEFF, 0x2028...0x2029]
        switch scalar {
        case "d": return .init(ranges: digits)
        case "D": return .init(ranges: digits, isNegated: true)
        case "w": return .init(ranges: word)
        case "W": return .init(ranges: word, isNegated: true)
        case "s": return .init(ranges: space)
        case "S": return .init(ranges: space, isNegated: true)
        case "n": return .init(ranges: [0x0A...0x0A])
        case "r": return .init(ranges: [0x0D...0x0D])
        case "t": return .init(ranges: [0x09...0x09])
        default:
            guard !scalar.properties.isAlphabetic, scalar.properties.numericType == nil else {
                throw error("an escape \\\(scalar) that is not supported")
            }
            return .init(ranges: [scalar.value...scalar.value])
        }
    }

    private mutating func characterClass() throws(Pattern.SyntaxError) -> Pattern.CharacterSet {
        var set = Pattern.CharacterSet(ranges: [])
        if at < scalars.count, scalars[at] == "^" {
            set.isNegated = true
            at += 1
        }
        while at < scalars.count, scalars[at] != "]" {
            let low = try classMember()
            guard at + 1 < scalars.count, scalars[at] == "-", scalars[at + 1] != "]", let from = low.single else {
                guard !low.isNegated else { throw error("a negated escape inside a class") }
                set.ranges += low.ranges
                continue
            }
            at += 1
            guard let to = try classMember().single, from <= to else { throw error("a range in the wrong order") }
            set.ranges.append(from...to)
        }
        guard at < scalars.count else { throw error("a [ without ]") }
        at += 1
        guard !set.ranges.isEmpty else { throw error("an empty class") }
        return set
    }

    private mutating func classMember() throws(Pattern.SyntaxError) -> Pattern.CharacterSet {
        let scalar = scalars[at]
        at += 1
        return scalar == "\\" ? try escape() : .init(ranges: [scalar.value...scalar.value])
    }

    private mutating func repetition(of atom: [Pattern.Step]) throws(Pattern.SyntaxError) -> [Pattern.Step] {
        guard at < scalars.count else { return atom }
        let bounds: (Int, Int?)
        switch scalars[at] {
        case "*": bounds = (0, nil)
        case "+": bounds = (1, nil)
        case "?": bounds = (0, 1)
        case "{":
            guard let counted = countedBounds() else { throw error("a { that is not {m}, {m,} or {m,n}") }
            bounds = counted
        default: return atom
        }
        at += 1
        if at < scalars.count, scalars[at] == "?" { at += 1 }  // lazy or greedy makes no difference to whether it matches
        if at < scalars.count, "*+?{".unicodeScalars.contains(scalars[at]) {
            throw error("a repetition of a repetition; put the first one in ( )")
        }
        guard bounds.0 <= 256, bounds.1 ?? 0 <= 256, bounds.1.map({ bounds.0 <= $0 }) ?? true else {
            throw error("a repetition beyond 256, or in the wrong order")
        }
        var result: [Pattern.Step] = []
        for _ in 0..<bounds.0 {
            result += shift(atom, result.count)
            try limit(result)
        }
        if let most = bounds.1 {
            for _ in bounds.0..<most {
                let base = result.count
                result += [.split(base + 1, base + 1 + atom.count)] + shift(atom, base + 1)
                try limit(result)
            }
        } else {
            let base = result.count
            result += [.split(base + 1, base + 2 + atom.count)] + shift(atom, base + 1) + [.jump(base)]
        }
        return result
    }

    /// Reads `{m,n}` up to, not including, its closing brace.
    private mutating func countedBounds() -> (Int, Int?)? {
        guard let close = scalars[at...].firstIndex(of: "}") else { return nil }
        let text = String(String.UnicodeScalarView(scalars[(at + 1)..<close]))
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard let first = parts.first, first.utf8.count <= 4, let least = Int(first), least >= 0 else { return nil }
        at = close
        switch parts.count {
        case 1: return (least, least)
        case 2 where parts[1].isEmpty: return (least, nil)
        case 2:
            guard parts[1].utf8.count <= 4, let most = Int(parts[1]) else { return nil }
            return (least, most)
        default: return nil
        }
    }
}

extension Pattern.CharacterSet {
    fileprivate var single: UInt32? {
        guard !isNegated, ranges.count == 1, let range = ranges.first, range.lowerBound == range.upperBound else { return nil }
        return range.lowerBound
    }
}
