// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Testing

import Security

@Suite("Backup codes")
struct BackupCodeTests {
    private let tenant = TenantID.make()
    private let user = UserID.make()

    @Test("are ten, each of 120 bits and no two alike")
    func set() throws {
        let codes = try BackupCode.makeSet().map { try #require($0.revealedText()) }
        #expect(codes.count == 10 && Set(codes).count == 10)
        #expect(codes.allSatisfy { $0.count == 29 && $0.split(separator: "-").map(\.count) == [4, 4, 4, 4, 4, 4] })
        #expect(codes.allSatisfy { !$0.contains { "ILOU".contains($0) } })
    }

    @Test("are recognised however people copy them, and by their own user only")
    func hashes() throws {
        let code = "01AB-CDEF-GHJK-MNPQ-RSTV-WXYZ"
        let hash = try #require(BackupCode.hash(Secret(code), of: user, in: tenant))
        for spelling in [
            "01abcdefghjkmnpqrstvwxyz", "O1AB CDEF GHJK MNPQ RSTV WXYZ", "oIab-cdef-ghjk-mnpq-rstv-wxyz", "0lABCDEFGHJKMNPQRSTVWXYZ",
        ] {
            #expect(BackupCode.hash(Secret(spelling), of: user, in: tenant) == hash, "\(spelling)")
        }
        #expect(BackupCode.hash(Secret(code), of: .make(), in: tenant) != hash)
        #expect(BackupCode.hash(Secret(code), of: user, in: .make()) != hash)
    }

    @Test(
        "are nothing else",
        arguments: ["", "123456", "01AB-CDEF-GHJK-MNPQ-RSTV-WXY", "01AB-CDEF-GHJK-MNPQ-RSTV-WXYZ0", "01AB-CDEF-GHJK-MNPQ-RSTV-WXYU", "ü"])
    func nonsense(code: String) {
        #expect(BackupCode.hash(Secret(code), of: user, in: tenant) == nil)
        #expect(BackupCode.hash(Secret(String(repeating: "0", count: 100_000)), of: user, in: tenant) == nil)
    }
}
