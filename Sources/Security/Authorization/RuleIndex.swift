// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Those for whom rules of one pattern, one effect and one kind of selector are made.
struct RuleBucket: Sendable {
    /// Everybody, also those whose rule ends.
    private let subjects: SubjectSet
    /// When the last such rule ends, for those whose rules all do.
    private let ends: [UInt32: Int64]

    init(_ entries: [(subject: UInt32, expiresAt: Int64?)]) {
        var last: [UInt32: Int64] = [:]
        for entry in entries { last[entry.subject] = max(last[entry.subject] ?? .min, entry.expiresAt ?? .max) }
        subjects = SubjectSet(Array(last.keys))
        ends = last.filter { $0.value != .max }
    }

    @inline(__always)
    var isEmpty: Bool { subjects.isEmpty }

    /// Whether there is a rule for one of them that has not ended.
    @inline(__always)
    func holds(for who: SubjectSet, at now: Int64) -> Bool {
        if ends.isEmpty { return subjects.intersects(who) }
        var found = false
        subjects.forEachCommon(who) { subject in
            found = (ends[subject] ?? .max) > now
            return !found
        }
        return found
    }
}

/// The rules of one pattern and one effect, found by what they select.
final class RuleIndex: Sendable {
    private let all: RuleBucket
    /// Those that are limited to some resources, whichever.
    private let limited: RuleBucket
    private let owner: RuleBucket
    private let ids: [String: RuleBucket]
    private let attributes: [Attribute]

    private struct Attribute: Sendable {
        let name: String
        let any: RuleBucket
        let values: [String: RuleBucket]
    }

    init(_ rules: [(subject: UInt32, rule: Policy.Rule)]) {
        typealias Entries = [(subject: UInt32, expiresAt: Int64?)]
        var (all, limited, owner) = (Entries(), Entries(), Entries())
        var (ids, attributes) = ([String: Entries](), [String: [String: Entries]]())
        for (subject, rule) in rules {
            let entry = (subject: subject, expiresAt: rule.expiresAt)
            if rule.selector == .all { all.append(entry) } else { limited.append(entry) }
            switch rule.selector {
            case .all: break
            case .owner: owner.append(entry)
            case .id(let id): ids[id, default: []].append(entry)
            case .attribute(let name, let values): for value in values { attributes[name, default: [:]][value, default: []].append(entry) }
            }
        }
        (self.all, self.limited, self.owner) = (RuleBucket(all), RuleBucket(limited), RuleBucket(owner))
        self.ids = ids.mapValues { RuleBucket($0) }
        self.attributes = attributes.sorted { $0.key < $1.key }.map { name, values in
            Attribute(name: name, any: RuleBucket(values.values.flatMap(\.self)), values: values.mapValues { RuleBucket($0) })
        }
    }

    /// Whether a rule is certainly meant.
    @inline(__always)
    func certainly(_ who: PolicySubject, _ resource: Resource?) -> Bool {
        if all.holds(for: who.subjects, at: who.now) { return true }
        guard !limited.isEmpty, let resource else { return false }
        if !owner.isEmpty, resource.owner == who.user, owner.holds(for: who.subjects, at: who.now) { return true }
        if !ids.isEmpty, let bucket = ids[resource.id], bucket.holds(for: who.subjects, at: who.now) { return true }
        for attribute in attributes {
            if let value = resource.attributes[attribute.name], let bucket = attribute.values[value],
                bucket.holds(for: who.subjects, at: who.now)
            {
                return true
            }
        }
        return false
    }

    /// Whether a rule may be meant, for all that the host says.
    @inline(__always)
    func possibly(_ who: PolicySubject, _ resource: Resource?) -> Bool {
        if all.holds(for: who.subjects, at: who.now) { return true }
        guard limited.holds(for: who.subjects, at: who.now) else { return false }
        guard let resource else { return true }
        if resource.owner == nil || resource.owner == who.user, owner.holds(for: who.subjects, at: who.now) { return true }
        if let bucket = ids[resource.id], bucket.holds(for: who.subjects, at: who.now) { return true }
        for attribute in attributes {
            guard let value = resource.attributes[attribute.name] else {
                if attribute.any.holds(for: who.subjects, at: who.now) { return true }
                continue
            }
            if let bucket = attribute.values[value], bucket.holds(for: who.subjects, at: who.now) { return true }
        }
        return false
    }
}

/// What rules mean for a list, before anything of it is known.
extension RuleIndex {
    /// Whether there is a rule about everything.
    func holdsForAll(_ who: PolicySubject) -> Bool { all.holds(for: who.subjects, at: who.now) }

    /// Whether there is a rule about anything.
    func holdsSomewhere(_ who: PolicySubject) -> Bool { holdsForAll(who) || limited.holds(for: who.subjects, at: who.now) }

    /// Whether a rule may be meant by each thing of a kind: by its selector, or since the host does not say what it asks for.
    func possiblyAll(_ who: PolicySubject, of kind: ResourceKind) -> Bool {
        if holdsForAll(who) { return true }
        if !kind.hasOwner, owner.holds(for: who.subjects, at: who.now) { return true }
        return attributes.contains { !kind.attributes.contains($0.name) && $0.any.holds(for: who.subjects, at: who.now) }
    }

    /// Adds what rules are about of a kind; answers whether that cannot be named beforehand.
    func collect(_ who: PolicySubject, of kind: ResourceKind, owner isOwner: inout Bool, ids found: inout [String]) -> Bool {
        if holdsForAll(who) { return true }
        guard limited.holds(for: who.subjects, at: who.now) else { return false }
        if attributes.contains(where: { kind.attributes.contains($0.name) && $0.any.holds(for: who.subjects, at: who.now) }) { return true }
        if kind.hasOwner, owner.holds(for: who.subjects, at: who.now) { isOwner = true }
        let prefix = kind.name + ":"
        for (id, bucket) in ids where id.hasPrefix(prefix) && bucket.holds(for: who.subjects, at: who.now) {
            found.append(String(id.dropFirst(prefix.count)))
            if found.count > ListReach.maximumIDs { break }
        }
        return false
    }
}
