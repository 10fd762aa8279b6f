// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Testing

@Suite("Identifier")
struct IdentifierTests {
    @Test("is a version 7 UUID whose one text reads back")
    func roundTrip() {
        let id = PaymentID.make()

        #expect(PaymentID(id.description) == id)
        #expect(id.description.utf8.count == 36 && Array(id.description)[14] == "7" && "89ab".contains(Array(id.description)[19]))
        #expect(PaymentID(id.description.uppercased()) == nil || id.description == id.description.uppercased())
    }

    @Test(
        "any other text is refused",
        arguments: [
            "", "01938d5e-7c1a-7abc-8def-0123456789a", "01938d5e-7c1a-7abc-8def-0123456789abc", "01938D5E-7c1a-7abc-8def-0123456789ab",
            "01938d5e-7c1a-4abc-8def-0123456789ab", "01938d5e-7c1a-7abc-cdef-0123456789ab", "01938d5e-7c1a-7abc-0def-0123456789ab",
            "01938d5e7c1a-7abc-8def-0123456789ab-", "{1938d5e-7c1a-7abc-8def-0123456789a}", "01938d5e-7c1a-7abc-8def-0123456789ä",
            "01938d5e-7c1a-7abc-8def_0123456789ab",
        ])
    func refused(text: String) {
        #expect(TenantID(text) == nil)
    }

    @Test("only grows, from many tasks at once, and its text with it")
    func monotonic() async {
        let ids = (0..<5000).map { _ in EventID.make() }
        #expect(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 && $0.description < $1.description })

        let all = await withTaskGroup(of: [EventID].self) { group in
            for _ in 0..<8 { group.addTask { (0..<1000).map { _ in EventID.make() } } }
            return await group.reduce(into: Set<EventID>()) { $0.formUnion($1) }
        }
        #expect(all.count == 8000)
    }

    @Test(
        "slugs follow their grammar",
        arguments: [
            ("acme", true), ("a1", true), ("a-b-c", true), ("9x", true), (String(repeating: "a", count: 63), true),
            (String(repeating: "a-", count: 62) + "a", true),
            ("a", false), ("", false), ("-a", false), ("a-", false), ("a--b", false), ("Acme", false), ("a_b", false), ("a.b", false),
            ("a/b", false), ("ä1", false), (String(repeating: "a", count: 64), false), ("a b", false), ("..", false),
        ])
    func slugs(text: String, isValid: Bool) {
        #expect((TenantSlug(text) != nil) == isValid)
        #expect((PluginID(text) != nil) == isValid)
    }

    @Test(
        "client addresses have one spelling",
        arguments: [
            ("127.0.0.1", "127.0.0.1"), ("2001:DB8:0:0::1", "2001:db8::1"), ("::1", "::1"), ("1.2.3", nil), ("1.2.3.4:80", nil), ("", nil),
            ("localhost", nil), ("[::1]", nil),
        ])
    func addresses(text: String, expected: String?) {
        #expect(ClientAddress(text)?.description == expected)
    }
}
