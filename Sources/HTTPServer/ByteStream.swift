// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Hummingbird
import NIOCore

/// A body that is made while it is sent.
package struct ByteStream: Sendable {
    fileprivate let head: [UInt8]
    fileprivate let chunks: any AsyncSequence<[UInt8], any Error> & Sendable

    /// - Parameters:
    ///   - head: what comes before the first chunk.
    ///   - chunks: the next one is asked for when the one before is on its way.
    package init(head: [UInt8] = [], _ chunks: some AsyncSequence<[UInt8], any Error> & Sendable) {
        (self.head, self.chunks) = (head, chunks)
    }
}

extension ResponseBody {
    /// A body of chunks.
    ///
    /// Only a stream that has come to its end gets the last chunk of HTTP/1.1: an error closes the connection without it, so that nobody
    /// takes a part for the whole. A caller that has gone makes the next write fail, and then nothing more is made.
    ///
    /// - Parameter onBreak: told of errors of this side.
    init(_ stream: ByteStream, onBreak: @escaping @Sendable (any Error) -> Void) {
        self.init { writer in
            try await Self.write(stream, to: &writer, onBreak)
            try await writer.finish(nil)
        }
    }

    @concurrent
    private static func write(
        _ stream: ByteStream, to writer: inout any ResponseBodyWriter, _ onBreak: (any Error) -> Void
    ) async throws {
        if !stream.head.isEmpty { try await writer.write(ByteBuffer(bytes: stream.head)) }
        try await write(stream.chunks, to: &writer, onBreak)
    }

    @concurrent
    private static func write(
        _ chunks: some AsyncSequence<[UInt8], any Error>, to writer: inout any ResponseBodyWriter, _ onBreak: (any Error) -> Void
    ) async throws {
        var iterator = chunks.makeAsyncIterator()
        while true {
            let chunk: [UInt8]?
            do {
                chunk = try await iterator.next()
            } catch {
                if !(error is CancellationError) { onBreak(error) }
                throw error
            }
            guard let chunk else { return }
            try await writer.write(ByteBuffer(bytes: chunk))
        }
    }
}
