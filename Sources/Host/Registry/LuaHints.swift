// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import PluginAPI

/// Shapes of source that the Lua of Debian 12 (5.4.4) compiles wrongly, or slowly (lua.org/bugs.html).
///
/// Hints: they look at words, not at meaning, and are no reason to refuse a plugin.
struct LuaHints {
    /// What a block needs to know until it ends.
    private struct Block {
        var opener: String
        var alternatives = 0
        /// A generic `for` with a fourth value, which it closes.
        var isClosing = false
    }

    /// What is between a bracket and its end, or a function.
    private struct Nest {
        var opener: String
        var isIndex = false
        var connectives = 0
    }

    private struct Function {
        var constants: Set<String> = []
        var bitwise: Int?
    }

    private static let longest = 64
    private static let constantsInOperands = 256
    private static let comparisons: Set<String> = ["<", ">", "<=", ">=", "==", "~="]
    private static let separators: Set<String> = [
        "then", "do", "end", "else", "elseif", "=", ";", ",", "local", "return", "if", "while", "until", "repeat", "for", "function", "in",
    ]

    private let file: String
    private var previous: LuaTokens.Token?
    private var blocks: [Block] = []
    private var nests = [Nest(opener: "")]
    private var functions = [Function()]
    /// The commas between `in` and `do`, and how deep they are.
    private var values: (commas: Int, depth: Int)?
    private(set) var found: [ManifestProblem] = []

    /// Reads one file.
    init(file: String, _ source: [UInt8]) {
        self.file = file
        for token in LuaTokens(source) {
            take(token)
            previous = token
        }
        while !functions.isEmpty { endFunction() }
    }

    private mutating func hint(_ line: Int, _ message: String, _ advice: String) {
        found.append(ManifestProblem(file: file, line: line, message: message, hint: advice))
    }

    private mutating func take(_ token: LuaTokens.Token) {
        switch token.kind {
        case .string, .number: constant(token.text)
        case .name where previous?.text == "." || previous?.text == ":": constant(token.text)
        case .name: keyword(token)
        case .symbol: symbol(token)
        }
        if token.kind != .string, Self.separators.contains(token.text) { nests[nests.count - 1].connectives = 0 }
    }

    private mutating func constant(_ text: String) { functions[functions.count - 1].constants.insert(text) }

    private mutating func keyword(_ token: LuaTokens.Token) {
        switch token.text {
        case "and", "or":
            nests[nests.count - 1].connectives += 1
            if nests[nests.count - 1].connectives == Self.longest + 1 {
                hint(
                    token.line, "an expression joins more than \(Self.longest) parts by “and” or “or”", "use a table; compiling it is slow")
            }
        case "elseif":
            guard !blocks.isEmpty else { return }
            blocks[blocks.count - 1].alternatives += 1
            if blocks[blocks.count - 1].alternatives == Self.longest + 1 {
                hint(token.line, "an “if” has more than \(Self.longest) alternatives", "use a table of functions; compiling it is slow")
            }
        case "in": values = (0, nests.count)
        case "do":
            blocks.append(Block(opener: token.text, isClosing: values?.commas ?? 0 >= 3))
            values = nil
        case "if", "repeat": blocks.append(Block(opener: token.text))
        case "break" where blocks.last(where: { $0.opener != "if" })?.isClosing == true:
            hint(token.line, "“break” leaves a “for” with a fourth value: Lua 5.4.4 can compile it wrongly", "leave the fourth value out")
        case "function":
            blocks.append(Block(opener: token.text))
            nests.append(Nest(opener: "function"))
            functions.append(Function())
        case "end", "until": endBlock()
        case "close" where previous?.text == "<":
            hint(token.line, "a variable is declared <close>", "its __close is never called here: metatables may not have one")
        default: break
        }
    }

    private mutating func endBlock() {
        guard let block = blocks.popLast(), block.opener == "function", functions.count > 1 else { return }
        endFunction()
        if let nest = nests.lastIndex(where: { $0.opener == "function" }) { nests.removeSubrange(nest...) }
    }

    private mutating func endFunction() {
        guard let function = functions.popLast(), let line = function.bitwise, function.constants.count > Self.constantsInOperands else {
            return
        }
        hint(
            line,
            "a function with more than \(Self.constantsInOperands) constants computes with bits: Lua 5.4.4 can get the operands wrong",
            "move the computation into a function of its own")
    }

    private mutating func symbol(_ token: LuaTokens.Token) {
        switch token.text {
        case "(", "{", "[":
            nests.append(Nest(opener: token.text, isIndex: token.text == "[" && endsOperand(previous)))
        case ")", "}", "]":
            if nests.count > 1, nests[nests.count - 1].opener != "function" { nests.removeLast() }
        case "," where values?.depth == nests.count: values?.commas += 1
        case "&", "|", "<<", ">>": noteBits(token.line)
        case "~" where endsOperand(previous): noteBits(token.line)
        default: break
        }
        if nests[nests.count - 1].isIndex, Self.comparisons.contains(token.text) {
            nests[nests.count - 1].isIndex = false
            hint(token.line, "an index holds a comparison: Lua 5.4.4 can compile it wrongly", "compare before, into a local variable")
        }
    }

    private mutating func noteBits(_ line: Int) {
        if functions[functions.count - 1].bitwise == nil { functions[functions.count - 1].bitwise = line }
    }

    /// Whether an operand may end here, so that what follows is an index or a binary operator.
    private func endsOperand(_ token: LuaTokens.Token?) -> Bool {
        guard let token else { return false }
        switch token.kind {
        case .string, .number: return true
        case .name: return !Self.separators.contains(token.text) && !["and", "or", "not"].contains(token.text)
        case .symbol: return [")", "]", "}"].contains(token.text)
        }
    }
}
