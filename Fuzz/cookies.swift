// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

// A `Cookie` header: whatever is in it, one of ours is found only where it stands once, in plain characters, at the name's own place.

private let name = "__Host-panelhost-access"

/// The value, or why there is none.
private func value(_ text: String) -> Result<String?, CookieHeader.Malformed> {
    Result { () throws(CookieHeader.Malformed) in try CookieHeader([text]).value(name) }
}

/// Takes one input: a header, with our cookie put in where the first byte says.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let input = FuzzInput(start, count) else { return 0 }
    // HTTP itself takes the blanks in front away.
    let text = String(decoding: input.bytes.drop { $0 == 0x20 || $0 == 9 }, as: UTF8.self)
    let alone = value(text)
    if case .success(let value?) = alone {
        require(text.contains("\(name)=\(value)"), "a value that is not there")
        require(value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x3B && $0 != 0x3D }, "a value that needs quotes")
    }
    // Beside whatever came: good only if nothing there has its name.
    let both = input.choice & 1 == 0 ? "\(name)=abc; \(text)" : "\(text); \(name)=abc"
    if case .success(let value) = value(both) {
        require(value == "abc" && alone == .success(nil), "another value than the one of its name, or one of two")
    }
    return 0
}
