// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import HTTPServer
import Values

struct OpenAPICommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "openapi", abstract: "Print the HTTP API's description (OpenAPI 3.1).")

    func run() {
        Console.line(JSON.text(OpenAPI.document(of: .panel, version: Product.version), pretty: true))
    }
}
