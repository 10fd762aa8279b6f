// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import Security
import Testing

@Suite("QR codes")
struct QRCodeTests {
    @Test("a picture has the three marks that a camera looks for, and the document has its modules and nothing else")
    func picture() throws {
        let code = try QRCode(Secret("otpauth://totp/Panelhost:ada?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Panelhost"))
        let width = code.width
        for (left, top) in [(0, 0), (width - 7, 0), (0, width - 7)] {
            for row in 0..<7 {
                for column in 0..<7 {
                    let isFrame = row == 0 || row == 6 || column == 0 || column == 6
                    let isHeart = (2...4).contains(row) && (2...4).contains(column)
                    let isDark = code.isDark(left + column, top + row)
                    #expect(isDark == (isFrame || isHeart), "column \(column), row \(row) of the mark at \(left), \(top)")
                }
            }
        }
        let picture = code.svg()
        let svg = try #require(picture.revealedText())
        #expect(svg.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(width + 8) \(width + 8)\""))
        let dark = (0..<width).reduce(0) { sum, row in sum + (0..<width).count { code.isDark($0, row) } }
        let drawn = svg.split(separator: "M").dropFirst(2).reduce(0) { sum, run in
            sum + (Int(run.drop { $0 != "h" }.dropFirst().prefix { $0 != "v" }) ?? 0)
        }
        #expect(dark == drawn)
        for word in ["script", "href", "style", "url(", "<!"] { #expect(!svg.contains(word)) }
    }

    @Test("what fits in no picture is an error", arguments: [0, 4000])
    func tooLong(count: Int) {
        #expect(throws: QRCode.TooLong.self) { _ = try QRCode(Secret(Array(repeating: UInt8(1), count: count))).width }
    }
}
