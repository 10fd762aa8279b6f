// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import HTTPServer
import HTTPTypes
import Security
import Testing

/// `docs/http-api.md` is made from the route table.
@Suite("API reference")
struct APIReferenceTests {
    @Test("docs/http-api.md is what the route table says")
    func drift() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appendingPathComponent("docs/http-api.md")
        let text = APIReference.markdown(of: .panel)
        if ProcessInfo.processInfo.environment["PANELHOST_WRITE_DOCS"] == "1" { try Data(text.utf8).write(to: file) }

        let isCurrent = (try? String(contentsOf: file, encoding: .utf8)) == text  // apart from the expectation, which would print both
        #expect(isCurrent, "docs/http-api.md is out of date; run: make docs")
    }

    @Test("every route has its section, with its permission")
    func complete() {
        let text = APIReference.markdown(of: .panel)
        for route in RouteTable.panel.routes {
            #expect(text.contains("\n### `\(route.name)`\n"), "\(route.name)")
            if let permission = route.permission { #expect(text.contains("Needs `\(permission.rawValue)`."), "\(route.name)") }
        }
        #expect(text.hasSuffix("\n") && !text.hasSuffix("\n\n"))
    }
}
