// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// A value that nobody may see by accident: a key, a password, a token.
///
/// It prints as `[secret]` in every way that Swift can print, compares in constant time, has no `Codable`, and its
/// memory is overwritten when the last holder lets go.
public final class Secret: Sendable {
    private let buffer: SecureBuffer

    init(_ buffer: consuming SecureBuffer) {
        self.buffer = buffer
    }

    /// A secret of so many bytes, which a closure fills in.
    public init<Failure: Error>(
        byteCount: Int, _ fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        buffer = try SecureBuffer(count: byteCount, fill)
    }

    /// A copy of bytes; the original is the caller's to forget.
    public init(_ bytes: some Collection<UInt8>) {
        buffer = SecureBuffer(count: bytes.count) { $0.copyBytes(from: bytes) }
    }

    /// A copy of a text's UTF-8.
    public convenience init(_ text: String) {
        self.init(Array(text.utf8))
    }

    /// How many bytes it has.
    public var count: Int { buffer.count }

    /// Whether it has none.
    public var isEmpty: Bool { buffer.count == 0 }

    /// Lends the bytes for the duration of a call.
    ///
    /// Do not let them out.
    public func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try buffer.withBytes(body)
    }

    /// A copy of the bytes, which is nobody's secret any more.
    ///
    /// For the last step before a wire or a cipher.
    public func revealedBytes() -> [UInt8] {
        withBytes { Array($0) }
    }

    /// A copy as text, or nil when it is not UTF-8; see ``revealedBytes()``.
    public func revealedText() -> String? {
        withBytes { String(validating: $0, as: UTF8.self) }
    }
}

extension Secret: Equatable {
    /// Whether both hold the same bytes, in constant time.
    public static func == (left: Secret, right: Secret) -> Bool {
        left.withBytes { left in right.withBytes { right in ConstantTime.equals(left, right) } }
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// `[secret]`.
    public var description: String { "[secret]" }
    /// `[secret]`.
    public var debugDescription: String { "[secret]" }
    /// Has no children, so that `dump` finds nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
