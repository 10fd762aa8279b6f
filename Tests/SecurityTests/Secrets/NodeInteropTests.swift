// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import Security
import Testing
import Values

/// Node itself, when it is there.
enum Node {
    static let path = ["/usr/bin/node", "/usr/local/bin/node"].first { FileManager.default.isExecutableFile(atPath: $0) }

    /// Runs a script over JSON: what it returns for each input.
    static func run(_ script: String, _ input: Value) throws -> [String] {
        let process = Process()
        process.executableURL = URL(filePath: try #require(path))
        process.arguments = [
            "-e",
            """
            const c = require('crypto'); const input = JSON.parse(require('fs').readFileSync(0, 'utf8'));
            const hex = (text) => Buffer.from(text, 'hex');
            process.stdout.write(JSON.stringify(input.map((x) => { try { return \(script) } catch { return 'refused' } })));
            """,
        ]
        let (stdin, stdout) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput) = (stdin, stdout)
        try process.run()
        try stdin.fileHandleForWriting.write(contentsOf: Data(JSON.serialize(input)))
        try stdin.fileHandleForWriting.close()
        let output = try stdout.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        let value = try JSON.parse(Array(output), limits: ValueLimits(maxBytes: 8 << 20, maxDepth: 4, maxNodes: 10_000))
        return value.arrayValue?.compactMap(\.stringValue) ?? []
    }

    static let seal = """
        (() => { const iv = c.randomBytes(x.iv), e = c.createCipheriv('aes-256-gcm', hex(x.key), iv);
        if (x.aad) e.setAAD(hex(x.aad));
        const content = Buffer.concat([e.update(hex(x.text)), e.final()]);
        return [iv, e.getAuthTag(), content].map((part) => part.toString('hex')).join(':') })()
        """
    static let open = """
        (() => { const [iv, tag, content] = x.sealed.split(':').map(hex), d = c.createDecipheriv('aes-256-gcm', hex(x.key), iv);
        d.setAuthTag(tag); if (x.aad) d.setAAD(hex(x.aad));
        return Buffer.concat([d.update(content), d.final()]).toString('hex') })()
        """
}

@Suite("Interoperability with Node", .enabled(if: Node.path != nil, "node was not found: 3 tests skipped"))
struct NodeInteropTests {
    private let texts = [
        [], Array("sk_test_51Hxyz".utf8), Array("Schlüssel – ключ".utf8), SecureRandom.bytes(1000), [UInt8](repeating: 0, count: 16),
    ]

    @Test("what Node wrote opens here, with an IV of 12 and of 16 bytes, and no other key opens it", arguments: [12, 16])
    func fromNode(iv: Int) throws {
        let key = SecureRandom.bytes(32)
        let input = texts.map { Value.map(["key": .string(Hex.encode(key)), "iv": .int(Int64(iv)), "text": .string(Hex.encode($0))]) }
        let sealed = try Node.run(Node.seal, .array(input))

        try #require(sealed.count == texts.count)
        for (text, sealed) in zip(texts, sealed) {
            #expect(sealed.prefix { $0 != ":" }.count == iv * 2)
            #expect(try LegacyCipherText.open(sealed, key: Secret(key)).revealedBytes() == text)
            #expect(throws: EncryptionError.undecryptable) { try LegacyCipherText.open(sealed, key: SecureRandom.secret(32)) }
        }
    }

    @Test("what is written for Node opens there, and is refused there after one changed bit", arguments: [12, 16])
    func toNode(iv: Int) throws {
        let key = SecureRandom.bytes(32)
        func input(_ sealed: String) -> Value { .map(["key": .string(Hex.encode(key)), "sealed": .string(sealed)]) }
        let sealed = try texts.map { try LegacyCipherText.seal(Secret($0), key: Secret(key), ivByteCount: iv) }
        let forged = sealed.map { ($0.first == "0" ? "1" : "0") + $0.dropFirst() }

        #expect(try Node.run(Node.open, .array(sealed.map(input))) == texts.map { Hex.encode($0) })
        #expect(try Node.run(Node.open, .array(forged.map(input))) == texts.map { _ in "refused" })
    }

    @Test("our own strings are Node's strings with associated data, both ways")
    func associated() throws {
        let (key, aad) = (SecureRandom.bytes(32), SecureRandom.bytes(40))
        let ours = try AESGCMKey(Secret(key))
        let nonce = SecureRandom.bytes(12)
        let (content, tag) = try texts[2].withUnsafeBytes { try ours.seal($0, nonce: nonce, authenticating: aad) }
        let sealed = [nonce, tag, content].map { Hex.encode($0) }.joined(separator: ":")
        func input(_ aad: [UInt8]) -> Value {
            .map(["key": .string(Hex.encode(key)), "sealed": .string(sealed), "aad": .string(Hex.encode(aad))])
        }

        #expect(try Node.run(Node.open, .array([input(aad), input(aad.dropLast())])) == [Hex.encode(texts[2]), "refused"])
        let theirs = try Node.run(
            Node.seal,
            .array([
                .map(["key": .string(Hex.encode(key)), "iv": 12, "text": .string(Hex.encode(texts[1])), "aad": .string(Hex.encode(aad))])
            ]))
        let parts = try #require(theirs.first).split(separator: ":").compactMap { Hex.decode($0) }
        try #require(parts.count == 3)
        #expect(try ours.open(parts[2], nonce: parts[0], tag: parts[1], authenticating: aad).revealedBytes() == texts[1])
        #expect(throws: CryptoError.notAuthentic) { try ours.open(parts[2], nonce: parts[0], tag: parts[1], authenticating: []) }
    }
}

@Suite("Legacy strings")
struct LegacyCipherTextTests {
    @Test(
        "another form is malformed, and a host's own value is not opened this way",
        arguments: ["", "::", "00:00:00", "00112233445566778899aabb:00112233445566778899aabbccddee:00", "zz:yy:xx", "a:b:c:d"])
    func malformed(text: String) {
        #expect(throws: EncryptionError.malformed) { try LegacyCipherText.open(text, key: SecureRandom.secret(32)) }
    }
}
