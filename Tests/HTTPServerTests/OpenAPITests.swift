// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import HTTPServer
import HTTPTypes
import NIOHTTP1
import PluginAPI
import Security
import Testing
import Values

/// The description of the API says what is served.
@Suite("OpenAPI")
struct OpenAPITests {
    private static let document = OpenAPI.document(of: .panel, version: Product.version)
    private static let python = ProcessInfo.processInfo.environment["PANELHOST_TEST_PYTHON"]

    @Test("it is served as it is generated")
    func served() async throws {
        try await Panel.with { panel in
            let answer = try await panel.send(.get, "/openapi.json")
            #expect(answer.status == 200 && answer.headers["content-type"] == ["application/json"])
            let isSame = answer.json == Self.document
            #expect(isSame)
        }
    }

    @Test("every route is in it once, with its permission, its parameters, its body and its answers")
    func complete() throws {
        #expect(Self.document["openapi"] == "3.1.0")
        #expect(Self.document["info"]?["version"] == .string(Product.version))
        let paths = try #require(Self.document["paths"]?.mapValue)
        let operations = paths.values.reduce(0) { $0 + ($1.mapValue?.count ?? 0) }
        #expect(operations == RouteTable.panel.routes.count)
        for route in RouteTable.panel.routes {
            let operation = try #require(paths[route.path]?[route.method.rawValue.lowercased()], "\(route.name)")
            #expect(operation["operationId"] == .string(route.operation))
            #expect(operation["x-permission"]?.stringValue == route.permission?.rawValue, "\(route.name)")
            #expect(operation["security"]?.arrayValue?.isEmpty == route.isOpen, "\(route.name)")
            #expect(operation["description"]?.stringValue?.isEmpty == false, "\(route.name)")
            #expect((operation["requestBody"] != nil) == { if case .none = route.body { false } else { true } }(), "\(route.name)")
            let parameters = operation["parameters"]?.arrayValue ?? []
            let named = { (place: String) in Set(parameters.filter { $0["in"] == .string(place) }.compactMap { $0["name"]?.stringValue }) }
            #expect(named("path") == Set(route.parameters), "\(route.name)")
            #expect(named("query") == Set(route.query?.fields.map(\.name) ?? []), "\(route.name)")
            #expect(named("header") == (route.needsIdempotencyKey ? ["Idempotency-Key"] : []), "\(route.name)")
            let responses = try #require(operation["responses"]?.mapValue)
            #expect(responses[String(route.success.status.code)] != nil && responses["400"] != nil, "\(route.name)")
            #expect((responses["401"] != nil) == !route.isOpen, "\(route.name)")
        }
        let names = RouteTable.panel.routes.map(\.operation)
        #expect(Set(names).count == names.count)
    }

    @Test("every reference in it leads somewhere")
    func references() {
        func check(_ value: Value) {
            for element in value.arrayValue ?? [] { check(element) }
            for (name, member) in value.mapValue ?? [:] {
                if name == "$ref", let text = member.stringValue {
                    var found: Value? = Self.document
                    for step in text.split(separator: "/").dropFirst() { found = found?[String(step)] }
                    #expect(text.hasPrefix("#/") && found != nil, "\(text)")
                }
                check(member)
            }
        }
        check(Self.document)
    }

    @Test("an independent validator finds it valid", .enabled(if: python != nil, "PANELHOST_TEST_PYTHON is not set: 1 check skipped"))
    func independentlyValid() throws {
        let python = try #require(Self.python)
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("openapi-\(UUID().uuidString).json")
        try Data(JSON.serialize(Self.document)).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = [
            "-c",
            """
            import json, sys
            try:
                from openapi_spec_validator import OpenAPIV31SpecValidator
            except ImportError:
                sys.exit(77)
            errors = [f"{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in OpenAPIV31SpecValidator(json.load(open(sys.argv[1]))).iter_errors()]
            print("\\n".join(errors))
            sys.exit(1 if errors else 0)
            """, file.path,
        ]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        if process.terminationStatus == 77 {
            try Test.cancel("openapi-spec-validator is not installed beside \(python): 1 check skipped")
        }
        #expect(process.terminationStatus == 0, "\(text)")
    }
}
