// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Testing
import Values

@Suite("Rules for passwords")
struct PasswordPolicyTests {
    private func found(_ password: String, _ profile: PasswordProfile = .nist, hasFactor: Bool = false) -> PasswordPolicy.Violation? {
        do {
            try PasswordPolicy(profile, hasFactor: hasFactor).check(
                Secret(password), context: ["Ada Lovelace", "ada.lovelace@acme.test", "acme", "Ächme Würste"])
            return nil
        } catch { return error }
    }

    @Test(
        "new passwords are long, unknown and not about their owner",
        arguments: [
            ("correct staple battery 42", nil),
            ("purple monkey dishwasher", nil),
            ("ünïcödé ünd nöch mehr davon", nil),
            ("мойпарольивотещеслова", nil),
            ("fourteen chars", .tooShort(minimum: 15)),
            ("", .tooShort(minimum: 15)),
            (String(repeating: "long ", count: 300), .tooLong(maximum: 1024)),
            ("a password with\0a zero", .notText),
            ("aaaaaaaaaaaaaaaaaaaa", .common),
            ("abababababababababab", .common),
            ("abcdabcdabcdabcdabcd", .common),
            ("passwordpassword1234", .common),
            ("drowssapdrowssapdrowssap", .common),
            ("P@ssw0rd!P@ssw0rd!", .common),
            ("qwertyuiop1234567890", .common),
            ("Winter2026Winter2026", .common),
            ("hunter2hunter2hunter2", .common),
            ("letmein-letmein-letmein", .common),
            ("correcthorsebatterystaple", .common),
            ("panelhostpanelhost1", .common),
            ("Ada.Lovelace@acme.test1", .aboutTheAccount),
            ("lovelace-lovelace-77", .aboutTheAccount),
            ("ACME-lovelace-2026", .aboutTheAccount),
            ("WÜRSTE würste Würste", .aboutTheAccount),
        ] as [(String, PasswordPolicy.Violation?)])
    func nist(password: String, expected: PasswordPolicy.Violation?) {
        #expect(found(password) == expected)
    }

    @Test("eight characters do beside a second factor, and only there")
    func withFactor() {
        #expect(found("kx8#mQ2z", hasFactor: true) == nil)
        #expect(found("kx8#mQ2z") == .tooShort(minimum: 15))
        #expect(found("kx8#mQ2", hasFactor: true) == .tooShort(minimum: 8))
        #expect(found("Sommer2026!", hasFactor: true) == .common)
        #expect(found("ada12345", hasFactor: true) != nil)
    }

    @Test("64 characters and more are taken, up to 1,024 bytes of any script")
    func long() {
        let random = Hex.encode(SecureRandom.bytes(512))
        #expect(found(String(random.prefix(64))) == nil)
        #expect(found(random) == nil)
        #expect(found(random + "0") == .tooLong(maximum: 1024))
        // Characters are counted, not bytes.
        #expect(found("žluťoučký kůň") == .tooShort(minimum: 15))
        #expect(throws: PasswordPolicy.Violation.notText) {
            try PasswordPolicy().check(Secret([UInt8](repeating: 0xFF, count: 20)), context: [])
        }
    }

    @Test("the rules of PCI DSS ask for letters and digits, and for twelve characters")
    func pci() {
        #expect(found("x9 tulip sofas", .pci) == nil)
        #expect(found("purple monkey dishwasher", .pci) == .oneKindOfCharacter)
        #expect(found("8302 7719 4456 0021", .pci) == .oneKindOfCharacter)
        #expect(found("x9 tulips", .pci, hasFactor: true) == .tooShort(minimum: 12))
        #expect(PasswordProfile.nist.maximumAge == nil && PasswordProfile.pci.maximumAge == 90 * 86_400_000)
    }

    @Test("a password in another normal form is the same password")
    func normalForm() async throws {
        let hasher = Fixture.hasher()
        // é as one character, and as e with an accent.
        let hash = try await hasher.hash(Secret("caf\u{e9} au lait caf\u{e9}"))

        #expect(try await hasher.verify(Secret("cafe\u{301} au lait cafe\u{301}"), against: hash).isCorrect)
        #expect(try await !hasher.verify(Secret("cafe au lait cafe"), against: hash).isCorrect)
        // What is no text is a password like any other, and never equal to one that is.
        let bytes = Secret([0x63, 0xFF, 0x64])
        let odd = try await hasher.hash(bytes)
        #expect(try await hasher.verify(bytes, against: odd).isCorrect)
        #expect(try await !hasher.verify(Secret("c\u{fffd}d"), against: odd).isCorrect)
    }

    @Test("the last four passwords do not come again under PCI DSS, and under NIST nothing is asked")
    func history() async throws {
        let house = try await House()
        var hashes: [String] = []
        for number in 1...5 { hashes.insert(try await house.hasher.hash(Secret("tulip \(number) sofa lamp")), at: 0) }
        func refusal(_ number: Int, _ profile: PasswordProfile) async throws -> AuthenticationError? {
            do throws(AuthenticationError) {
                _ = try await house.authenticator.newPassword(
                    Secret("tulip \(number) sofa lamp"), for: PasswordOwner(profile: profile, context: [], history: hashes))
                return nil
            } catch { return error }
        }

        for number in 2...5 {
            #expect(try await refusal(number, .pci) == .weakPassword(PasswordPolicy.Violation.usedBefore(count: 4).description))
        }
        #expect(try await refusal(1, .pci) == nil)
        #expect(try await refusal(5, .nist) == nil)
    }

    @Test("what a password is judged by does not stand in what is said of it")
    func silent() async throws {
        let house = try await House()
        do {
            _ = try await house.authenticator.newPassword(
                Secret("lovelace-lovelace-77"), for: PasswordOwner(profile: .nist, context: ["lovelace"]))
            Issue.record("it was taken")
        } catch {
            #expect(!"\(error) \(String(reflecting: error))".contains("77"))
        }
    }

    @Test("calibration never goes under the floor, and stops at the target and at the memory that there is")
    func calibration() {
        // As long as memory times passes, in units of the floor.
        func time(_ cost: PasswordCost) -> Duration { .milliseconds(Int64(cost.memory) * Int64(cost.passes) * 10 / (19_456 * 2)) }
        func found(_ target: Duration, memory: UInt32 = 1_048_576) -> PasswordCost {
            PasswordCalibration.run(target: target, memoryLimit: memory, measuring: time) { measured.append($0.cost) }
        }
        var measured: [PasswordCost] = []

        #expect(found(.zero) == .floor)
        #expect(measured == [.floor])
        #expect(found(.milliseconds(9)) == .floor)
        #expect(found(.milliseconds(50)) == PasswordCost(memory: 77_824, passes: 2, lanes: 1))
        #expect(found(.milliseconds(60)) == PasswordCost(memory: 116_736, passes: 2, lanes: 1))
        #expect(found(.milliseconds(60), memory: 38_912) == PasswordCost(memory: 38_912, passes: 6, lanes: 1))
        #expect(found(.seconds(60), memory: 38_912) == PasswordCost(memory: 38_912, passes: 16, lanes: 1))
        #expect(PasswordCalibration.fastest(.floor) > .zero)
    }
}
