// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import COpenSSL

/// Comparison in a time that depends on lengths only.
public enum ConstantTime {
    /// Whether both hold the same bytes.
    public static func equals(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
        withContiguousBytes(left) { left in
            withContiguousBytes(right) { right in
                guard left.count == right.count else { return false }
                guard let leftBase = left.baseAddress, let rightBase = right.baseAddress else { return left.isEmpty }
                return CRYPTO_memcmp(leftBase, rightBase, left.count) == 0
            }
        }
    }
}
