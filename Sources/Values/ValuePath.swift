// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Where a value stands inside another one: `amount.currency`, `lines[0].name`, `metadata["a.b"]`.
public struct ValuePath: Sendable, Hashable, CustomStringConvertible {
    /// One step down.
    public enum Step: Sendable, Hashable {
        /// Into the member of a map.
        case member(String)
        /// Into an element of an array, from 0.
        case index(Int)
    }

    /// The steps from the outermost value.
    public private(set) var steps: [Step]

    /// The path of these steps; without any it is the value itself.
    public init(_ steps: [Step] = []) { self.steps = steps }

    /// The path of members only.
    public init(members names: String...) { steps = names.map(Step.member) }

    /// The path to a member of this value.
    public func member(_ name: String) -> ValuePath { ValuePath(steps + [.member(name)]) }
    /// The path to an element of this value.
    public func index(_ index: Int) -> ValuePath { ValuePath(steps + [.index(index)]) }
    /// The path of the value that holds this one; nil for the outermost.
    public var parent: ValuePath? { steps.isEmpty ? nil : ValuePath(Array(steps.dropLast())) }

    /// Goes one step down in place.
    public mutating func push(_ step: Step) { steps.append(step) }
    /// Goes one step up in place.
    public mutating func pop() { _ = steps.popLast() }

    /// As people write it; empty for the value itself.
    public var description: String {
        var text = ""
        for step in steps {
            switch step {
            case .index(let index): text += "[\(index)]"
            case .member(let name):
                if Self.isPlain(name) {
                    text += text.isEmpty ? name : "." + name
                } else {
                    text += "[" + JSON.text(.string(name)) + "]"
                }
            }
        }
        return text
    }

    private static func isPlain(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "$"):
                    true
                default: false
                }
            }
    }
}
