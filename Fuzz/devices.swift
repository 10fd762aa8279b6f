// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security

// What a client says is its device: read in one spelling or not at all, and as long as what is written here.

/// Takes one input: a text, or marks put together from pieces that are right.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let input = FuzzInput(start, count) else { return 0 }
    let text = String(decoding: input.bytes, as: UTF8.self)
    check(text)
    let id = "0199f000-0000-7000-8000-00000000000\(input.choice % 10)"
    let code = String(repeating: "A", count: 43)
    let good = "d1.k1.\(id).\(code)"
    require(DeviceCookie(good) != nil, "a mark that is right")
    // In each place of a mark that is right, and beside it.
    for mixed in ["d1.\(text).\(id).\(code)", "d1.k1.\(text).\(code)", "d1.k1.\(id).\(text)", "\(good)~\(text)", "\(text)~\(good)"] {
        check(mixed)
    }
    let name = DeviceName.guess(userAgent: text)
    require(name.utf8.count <= 40 && name.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }, "a name that was sent")
    return 0
}

private func check(_ text: String) {
    guard let cookie = DeviceCookie(text) else { return }
    require(cookie.text == text, "two spellings of one cookie")
    require(text.utf8.count <= 512, "longer than a cookie may be")
    require(
        text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                true
            default: false
            }
        }, "a character that no cookie of ours has")
}
