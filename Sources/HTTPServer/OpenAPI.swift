// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPTypes
import PluginAPI
import Security
package import Values

/// The description of the API (OpenAPI 3.1), made from the same table that serves it.
package enum OpenAPI {
    /// - Parameters:
    ///   - table: what is served.
    ///   - version: of the product.
    package static func document(of table: RouteTable, version: String) -> Value {
        var paths: [String: [String: Value]] = [:]
        for route in table.routes {
            paths[route.path, default: [:]][route.method.rawValue.lowercased()] = operation(route)
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Panelhost",
                "version": .string(version),
                "description": "Plugin-hosting runtime: payments, second factors and notifications through sandboxed plugins.",
                "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
            ],
            "servers": [["url": "/"]],
            "paths": .map(paths.mapValues(Value.map)),
            "components": [
                "securitySchemes": [
                    "bearer": ["type": "http", "scheme": "bearer", "description": "An access token, or an API key (ph_…)."]
                ],
                "schemas": ["Problem": problem],
            ],
        ]
    }

    private static func operation(_ route: Route) -> Value {
        var operation: [String: Value] = [
            "operationId": .string(route.operation),
            "summary": .string(route.summary),
            "tags": [.string(route.tag)],
            "responses": responses(route),
        ]
        switch route.access {
        case .open(let reason):
            operation["security"] = []
            operation["description"] = .string("Open to everybody: \(reason)")
        case .signedIn:
            operation["security"] = [["bearer": []]]
            operation["description"] = "Needs a sign-in, and no permission."
        case .permission(let action):
            operation["security"] = [["bearer": []]]
            operation["x-permission"] = .string(action.rawValue)
            operation["description"] = .string("Needs the permission `\(action.rawValue)`.")
        }
        let parameters = parameters(route)
        if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
        if let body = requestBody(route) { operation["requestBody"] = body }
        return .map(operation)
    }

    private static func parameters(_ route: Route) -> [Value] {
        var parameters = route.parameters.map { name -> Value in
            ["name": .string(name), "in": "path", "required": true, "schema": ["type": "string", "minLength": 1, "maxLength": 256]]
        }
        if route.needsIdempotencyKey {
            parameters.append([
                "name": "Idempotency-Key", "in": "header", "required": true,
                "description": "Your own value, the same when you retry: the operation then happens once, and its answer is repeated.",
                "schema": ["type": "string", "pattern": "^[\\x21-\\x7e]{1,255}$"],
            ])
        }
        if let query = route.query?.jsonSchema, let properties = query["properties"]?.mapValue {
            let required = query["required"]?.arrayValue ?? []
            for (name, schema) in properties.sorted(by: { $0.key < $1.key }) {
                parameters.append([
                    "name": .string(name), "in": "query", "required": .bool(required.contains(.string(name))), "schema": schema,
                ])
            }
        }
        return parameters
    }

    private static func requestBody(_ route: Route) -> Value? {
        switch route.body {
        case .none: nil
        case .json(let schema, _): ["required": true, "content": ["application/json": ["schema": schema.jsonSchema]]]
        case .raw(let contentType, _): ["required": true, "content": [contentType: ["schema": ["type": "string", "format": "binary"]]]]
        case .opaque: ["required": false, "content": ["*/*": ["schema": ["type": "string", "format": "binary"]]]]
        }
    }

    private static func responses(_ route: Route) -> Value {
        var success: [String: Value] = ["description": .string(route.success.description)]
        if let schema = route.success.schema {
            success["content"] = ["application/json": ["schema": schema.jsonSchema]]
        } else if !route.success.mediaTypes.isEmpty {
            success["content"] = .map(
                route.success.mediaTypes.reduce(into: [:]) { $0[$1] = ["schema": ["type": "string"]] })
        }
        var responses: [String: Value] = [String(route.success.status.code): .map(success)]
        var failures = ["400": "The request is not valid; `errors` names each field."]
        if case .open = route.access {
        } else {
            failures["401"] = "Not signed in, or the token is no longer good."
            failures["403"] = "Signed in, but without the permission."
        }
        if !route.parameters.isEmpty { failures["404"] = "There is no such resource, or not for this caller." }
        if route.needsIdempotencyKey {
            failures["409"] = "The state does not allow it, or the idempotency key was used for another request."
        }
        failures["default"] = "Any other failure."
        for (status, description) in failures where responses[status] == nil {
            responses[status] = [
                "description": .string(description),
                "content": ["application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]],
            ]
        }
        return .map(responses)
    }

    private static let problem: Value = [
        "type": "object",
        "description": "RFC 9457",
        "required": ["type", "title", "status", "code", "correlation_id"],
        "properties": [
            "type": ["type": "string", "format": "uri"],
            "title": ["type": "string"],
            "status": ["type": "integer"],
            "detail": ["type": "string"],
            "code": ["type": "string", "description": "Stable; decide by this."],
            "correlation_id": ["type": "string", "description": "Quote it to the operator."],
            "errors": [
                "type": "array",
                "items": [
                    "type": "object", "required": ["field", "message"],
                    "properties": ["field": ["type": "string"], "message": ["type": "string"]],
                ],
            ],
        ],
    ]
}
