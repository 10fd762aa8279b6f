// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Values

// Policies, patterns and selectors of people: refused, or read and written the same; and nobody may do what no rule permits.

private let user = UserID("0198f0c0-0000-7000-8000-000000000001")

private func policy(_ bytes: [UInt8]) {
    guard let user, let policy = try? Policy(parsing: bytes) else { return }
    let text = JSON.serialize(policy.value)
    require((try? Policy(parsing: text)).map { JSON.serialize($0.value) } == text, "a policy is not read as it was written")
    let snapshot = PolicySnapshot(policy)
    for now in [Int64(0), 1 << 60] {
        let who = snapshot.subject(user, at: now)
        for rule in policy.rules.prefix(20) {
            let action = Action(rawValue: rule.action.description.replacing("*", with: "x"))
            for resource in [nil, Resource(id: "x"), Resource(id: "y", owner: user, attributes: ["region": "eu"])] {
                guard snapshot.decide(who, action, on: resource) == .permitted else { continue }
                require(
                    policy.rules.contains { $0.effect == .permit && $0.action.covers(action) && ($0.expiresAt ?? .max) > now },
                    "\(action) is permitted by no rule")
            }
        }
    }
}

private func texts(_ text: String) {
    if let pattern = try? ActionPattern(text) {
        require(pattern.description == text && pattern.covers(pattern) && pattern.overlaps(pattern), "a pattern is not itself: \(text)")
    }
    if let selector = try? ResourceSelector(text) {
        require((try? ResourceSelector(selector.description)) == selector, "a selector has two meanings: \(text)")
        require(
            selector.covers(selector) && selector.overlaps(selector) && ResourceSelector.all.covers(selector),
            "a selector is not itself: \(text)")
    }
}

/// Takes one input; its first byte chooses.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let input = FuzzInput(start, count) else { return 0 }
    if input.choice & 1 == 0 { policy(input.bytes) } else { texts(String(decoding: input.bytes, as: UTF8.self)) }
    return 0
}
