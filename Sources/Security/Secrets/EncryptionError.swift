// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Why something could not be encrypted or decrypted.
public enum EncryptionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The stored text is not `iv:authtag:content` in lower-case hex.
    case malformed
    /// It does not decrypt at this place: altered, moved here from elsewhere, or its key is gone.
    case undecryptable
    /// The key was destroyed on purpose: what it closed is erased.
    case erased
    /// The key version is below the least that may still open anything.
    case retired
    /// The key version has encrypted as often as it may and could not be replaced.
    case keyExhausted
    /// The keys could not be read or written.
    case unavailable(Redacted<String>)

    /// Safe to show.
    public var description: String {
        switch self {
        case .malformed: "the stored value is not in the form iv:authtag:content"
        case .undecryptable: "the stored value does not decrypt at this place"
        case .erased: "the data was erased: its key is destroyed"
        case .retired: "the key version of the stored value is no longer accepted"
        case .keyExhausted: "the encryption key is used up"
        case .unavailable: "the encryption keys are not available"
        }
    }
}
