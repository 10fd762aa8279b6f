// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

/// Says what differs, in words and not longer than a person reads.
enum ReplayText {
    private static let before = 60
    private static let most = 400

    /// What makes two steps comparable.
    static func kind(_ step: Recording.Step) -> String {
        switch step {
        case .log: "log"
        case .hostCall(let name, _, _): name
        }
    }

    static func text(_ step: Recording.Step) -> String {
        switch step {
        case .log(let line):
            cut("log \(line.level.rawValue): \(line.message)" + (line.fields.isEmpty ? "" : " " + text(.map(line.fields))), at: 0)
        case .hostCall(let name, let arguments, _): cut("\(name)(" + arguments.map(text).joined(separator: ", ") + ")", at: 0)
        }
    }

    static func text(_ end: Recording.End) -> String {
        switch end {
        case .value(let value): cut("returned " + text(value), at: 0)
        case .error(let kind, let message): cut("\(kind): \(message)", at: 0)
        }
    }

    static func text(_ value: Value) -> String { JSON.text(RecordedValue.json(value)) }

    /// The first place where two values differ; nil when they are the same.
    static func difference(_ recorded: Value, _ now: Value, _ place: String) -> Replay.Difference? {
        // As they are written: what is not a number is the same as itself there.
        let (then, present) = (RecordedValue.json(recorded), RecordedValue.json(now))
        guard then != present else { return nil }
        var (path, recorded, now) = (ValuePath(), Optional(then), Optional(present))
        descent: while let (one, other) = recorded.flatMap({ one in now.map { (one, $0) } }) {
            switch (one, other) {
            case (.map(let members), .map(let others)):
                let names = Set(members.keys).union(others.keys).sorted()
                guard let name = names.first(where: { members[$0] != others[$0] }) else { break descent }
                path.push(.member(name))
                (recorded, now) = (members[name], others[name])
            case (.array(let elements), .array(let others)):
                guard let index = (0..<max(elements.count, others.count)).first(where: { one[$0] != other[$0] }) else { break descent }
                path.push(.index(index))
                (recorded, now) = (one[index], other[index])
            default: break descent
            }
        }
        let (left, right) = (recorded.map { JSON.text($0) } ?? "nothing", now.map { JSON.text($0) } ?? "nothing")
        let same = zip(left.unicodeScalars, right.unicodeScalars).prefix { $0 == $1 }.count
        return Replay.Difference(place: "\(place) \(path)".trimmingEnd, recorded: cut(left, at: same), now: cut(right, at: same))
    }

    /// The part of a text around the position where it begins to differ.
    private static func cut(_ text: String, at position: Int) -> String {
        let scalars = Array(text.unicodeScalars)
        guard scalars.count > most else { return text }
        let start = max(0, position - before)
        let end = min(scalars.count, start + most)
        var part = String.UnicodeScalarView()
        part.append(contentsOf: scalars[start..<end])
        return (start > 0 ? "…" : "") + String(part) + (end < scalars.count ? "…" : "")
    }
}

extension String {
    fileprivate var trimmingEnd: String { last == " " ? String(dropLast()) : self }
}
