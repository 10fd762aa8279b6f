// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import CZxcvbn
internal import Glibc

/// How many guesses a password withstands, by libzxcvbn.
///
/// A list of bad passwords alone refuses `Winter2026Winter2026` only if somebody had the idea before. The library knows 30,000 common
/// passwords, words and names, and looks at what a password is put together from: those, also reversed or with `4` for `a`, keyboard
/// rows, dates, repetitions, and the words that it is given.
enum PasswordStrength {
    /// Bits of a password that a guesser who knows people needs; 0 for one that cannot be judged.
    static func bits(_ text: String, words: [String]) -> Double {
        let lower = text.lowercased()
        let whole = min(matched(text, words), matched(lower, words))
        guard let unit = repeated(Array(lower.unicodeScalars)) else { return whole }
        // Twice the same is one thing more to guess, not twice as much.
        var piece = String.UnicodeScalarView()
        piece.append(contentsOf: unit.scalars)
        return min(whole, matched(String(piece), words) + log2(Double(unit.count)))
    }

    private static func matched(_ text: String, _ words: [String]) -> Double {
        guard !text.utf8.contains(0) else { return 0 }
        // The library reads the words and changes nothing; they live until it returns.
        let copies = words.filter { !$0.utf8.contains(0) }.map { Array($0.utf8CString) }
        return withPointers(copies[...], []) { pointers in
            var pointers = pointers + [nil]
            return text.withCString { ZxcvbnMatch($0, &pointers, nil) }
        }
    }

    private static func withPointers(
        _ words: ArraySlice<[CChar]>, _ pointers: [UnsafePointer<CChar>?], _ body: ([UnsafePointer<CChar>?]) -> Double
    ) -> Double {
        guard let first = words.first else { return body(pointers) }
        return first.withUnsafeBufferPointer { withPointers(words.dropFirst(), pointers + [$0.baseAddress], body) }
    }

    /// What a text repeats at least twice from its beginning to its end, where the last time may lack a space or two.
    private static func repeated(_ text: [Unicode.Scalar]) -> (scalars: ArraySlice<Unicode.Scalar>, count: Int)? {
        guard text.count > 1 else { return nil }
        // How long the beginning is that also ends at each place (Knuth, Morris, Pratt).
        var border = [0]
        for index in 1..<text.count {
            var length = border[index - 1]
            while length > 0, text[length] != text[index] { length = border[length - 1] }
            border.append(text[length] == text[index] ? length + 1 : 0)
        }
        let period = text.count - border[text.count - 1]
        return period * 2 <= text.count + 2 ? (text[..<period], max(2, text.count / period)) : nil
    }
}
