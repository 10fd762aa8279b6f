// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Sandbox
import Testing

@Suite("ZygoteMessage")
struct ZygoteMessageTests {
    private static func words(_ words: UInt32...) -> [UInt8] {
        words.flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }
    }

    @Test("reads what a zygote says")
    func reads() {
        #expect(ZygoteMessage(Self.words(4, 1, 3, 77)) == .hello(version: 1, layers: [.seccomp, .noNewPrivileges], pid: 77))
        #expect(ZygoteMessage(Self.words(2, 9, 1234, 0)) == .spawned(sequence: 9, pid: 1234, error: 0))
        #expect(ZygoteMessage(Self.words(3, 0, 1234, 11, 0, 0, 0, 0)) == .exited(pid: 1234, .signal(11)))
        #expect(ZygoteMessage(Self.words(3, 0, 1234, 65 << 8, 0, 0, 0, 0)) == .exited(pid: 1234, .status(65)))
        #expect(ZygoteMessage(Self.words(3, 0, 1234, 70 << 8, 0, 0, 0, 0)) == .exited(pid: 1234, .stateLost))
    }

    @Test("refuses what is none", arguments: [[], words(4), words(4, 1, 3), words(4, 1, 3, 77, 0), words(9, 0, 0, 0), words(3, 0, 1, 0)])
    func refuses(bytes: [UInt8]) {
        #expect(ZygoteMessage(bytes) == nil)
    }

    @Test("writes an order of 24 bytes")
    func writes() {
        let bytes = ZygoteMessage.spawn(sequence: 5, addressSpace: 1 << 33, cpuSeconds: 7)

        #expect(bytes == Self.words(1, 5, 0, 2, 7, 0))
    }
}
