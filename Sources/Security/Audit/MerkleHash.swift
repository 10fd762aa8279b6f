// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import COpenSSL
internal import Values

/// A SHA-256 value in a Merkle tree: of a leaf, of an inner node or of the root.
///
/// Kept in place, not in an array: a million of them are 32 MB, and none is allocated alone.
public struct MerkleHash: Hashable, Sendable, CustomStringConvertible {
    // The bytes as they lie in memory; as numbers they mean nothing.
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    /// Bytes of a hash.
    public static let byteCount = 32

    /// The hash with the given 32 bytes; nil for any other number of them.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: bytes) }
    }

    /// The hash that 64 lower-case hex digits name.
    public init?(hex: some StringProtocol) {
        guard let bytes = Hex.decode(hex, lowerCaseOnly: true) else { return nil }
        self.init(bytes)
    }

    /// The hash that canonical base64 with padding names, as in checkpoints and proofs.
    public init?(base64: some StringProtocol) {
        guard base64.utf8.count == 44, let bytes = Base64.decode(base64) else { return nil }
        self.init(bytes)
    }

    /// SHA-256 of bytes that lie in one block.
    init(hashing bytes: UnsafeRawBufferPointer) {
        let done = withUnsafeMutableBytes(of: &words) { output in
            EVP_Digest(
                bytes.baseAddress, bytes.count, output.baseAddress?.assumingMemoryBound(to: UInt8.self), nil,
                Algorithms.shared.sha256, nil)
        }
        // A digest cannot fail on data, and leaves nothing in the error queue. Going on with zeros would be worse than stopping.
        precondition(done == 1, "libcrypto could not compute a digest")
    }

    /// A copy of the 32 bytes.
    public var bytes: [UInt8] { withUnsafeBytes { Array($0) } }
    /// 64 lower-case hex digits.
    public var hex: String { withUnsafeBytes { Hex.encode($0) } }
    /// Base64 with padding, 44 characters.
    public var base64: String { withUnsafeBytes { Base64.encode($0) } }
    /// The hex digits.
    public var description: String { hex }

    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        Swift.withUnsafeBytes(of: words) { body($0) }
    }

    /// Whether both hold the same bytes.
    public static func == (left: Self, right: Self) -> Bool { left.words == right.words }

    /// Feeds the bytes to a hasher.
    public func hash(into hasher: inout Hasher) {
        withUnsafeBytes { hasher.combine(bytes: $0) }
    }
}
