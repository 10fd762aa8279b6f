// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import CQREncode
package import Security

/// A picture of bytes that a telephone's camera reads (ISO/IEC 18004).
package struct QRCode: ~Copyable {
    /// Why there is no picture.
    package struct TooLong: Error, Sendable {}

    // libqrencode's own; freed with it. One owner, and nothing in the library is shared.
    private let code: UnsafeMutablePointer<CQREncode.QRcode>

    /// Encodes bytes as they are, of which up to 15 of 100 modules may be unreadable.
    package init(_ bytes: Secret) throws(TooLong) {
        let code = bytes.withBytes { bytes in
            bytes.baseAddress.flatMap { QRcode_encodeData(Int32(bytes.count), $0.assumingMemoryBound(to: UInt8.self), 0, QR_ECLEVEL_M) }
        }
        guard let code else { throw TooLong() }
        self.code = code
    }

    deinit { QRcode_free(code) }

    /// Modules along one side, without the quiet zone.
    package var width: Int { Int(code.pointee.width) }

    /// Whether a module is dark.
    package func isDark(_ column: Int, _ row: Int) -> Bool {
        guard (0..<width).contains(column), (0..<width).contains(row) else { return false }
        return code.pointee.data[row * width + column] & 1 == 1
    }

    /// The picture as an SVG document without anything that a browser would run or fetch.
    package func svg() -> Secret {
        let quiet = 4
        let side = width + 2 * quiet
        var path = ""
        for row in 0..<width {
            var column = 0
            while column < width {
                guard isDark(column, row) else {
                    column += 1
                    continue
                }
                var end = column
                while isDark(end, row) { end += 1 }
                path += "M\(column + quiet) \(row + quiet)h\(end - column)v1h-\(end - column)z"
                column = end
            }
        }
        return Secret(
            """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(side) \(side)" shape-rendering="crispEdges">\
            <path fill="#fff" d="M0 0h\(side)v\(side)H0z"/><path fill="#000" d="\(path)"/></svg>
            """)
    }
}
