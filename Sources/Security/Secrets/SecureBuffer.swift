// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import COpenSSL

/// Bytes that are overwritten before their memory goes back.
///
/// It cannot be copied: there is one place to cleanse.
struct SecureBuffer: ~Copyable, @unchecked Sendable {
    // Unchecked: the memory is written by `init` alone, before anybody else can see it, and only read afterwards.
    private let memory: UnsafeMutableRawBufferPointer

    /// Bytes that a closure fills in.
    init<Failure: Error>(count: Int, _ fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void) throws(Failure) {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        do throws(Failure) {
            try fill(memory)
        } catch {
            OPENSSL_cleanse(memory.baseAddress, memory.count)
            memory.deallocate()
            throw error
        }
        // Last: once `self` is whole, throwing would run `deinit` as well.
        self.memory = memory
    }

    deinit {
        // A plain overwrite would be optimised away: nobody reads the memory again.
        OPENSSL_cleanse(memory.baseAddress, memory.count)
        memory.deallocate()
    }

    var count: Int { memory.count }

    borrowing func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(memory))
    }
}
