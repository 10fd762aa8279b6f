// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPTypes
import PluginAPI
import Security
import Values

/// `docs/http-api.md`, from the same table that serves the API.
package enum APIReference {
    package static func markdown(of table: RouteTable) -> String {
        var lines = [
            "# HTTP API",
            "",
            "Generated from the route table; `/openapi.json` says the same for programs. JSON in UTF-8, names in snake_case, times in milliseconds since 1970, money in",
            "minor units (`{\"amount_minor\": 1230, \"currency\": \"EUR\"}` is 12.30 EUR). Unknown members are refused.",
            "",
            "- **Sign in** with `POST /v1/auth/login` and send `Authorization: Bearer <access_token>`; servers send an API key (`ph_…`) the same way.",
            "- **Errors** are `application/problem+json` (RFC 9457) with a stable `code`, the wrong fields in `errors`, and a `correlation_id` for the operator.",
            "- **`Idempotency-Key`** is required where money or messages move: a value of your own, the same when you retry. The same key with the same body repeats the",
            "  stored answer; with another body it is refused with 409 `idempotency_mismatch`; while the first still runs, 409 `in_progress` with `Retry-After`.",
            "- **Another tenant's** resource answers 404, like one that does not exist.",
            "",
        ]
        var tag = ""
        for route in table.routes {
            if route.tag != tag {
                tag = route.tag
                lines += ["## \(tag)", ""]
            }
            lines += section(route)
        }
        return lines.joined(separator: "\n")
    }

    private static func section(_ route: Route) -> [String] {
        var lines = ["### `\(route.method.rawValue) \(route.path)`", "", "\(route.summary). \(access(route))", ""]
        if case .json(let schema, _) = route.body, !schema.fields.isEmpty { lines += ["Body:", ""] + table(schema) + [""] }
        if case .raw(let type, let most) = route.body { lines += ["Body: `\(type)`, at most \(most / 1024) KiB.", ""] }
        if let query = route.query { lines += ["Query:", ""] + table(query) + [""] }
        lines += ["Answers `\(route.success.status.code)`: \(route.success.description)", ""]
        if let schema = route.success.schema, !schema.fields.isEmpty { lines += table(schema) + [""] }
        return lines
    }

    private static func access(_ route: Route) -> String {
        let key = route.needsIdempotencyKey ? " Needs `Idempotency-Key`." : ""
        return switch route.access {
        case .open(let reason): "Open to everybody: \(reason).\(key)"
        case .signedIn: "Needs a sign-in.\(key)"
        case .permission(let action): "Needs `\(action.rawValue)`.\(key)"
        }
    }

    private static func table(_ schema: Schema) -> [String] {
        ["| field | type | |", "|---|---|---|"]
            + schema.fields.map { field in
                let need = field.isRequired ? "required" : "optional"
                let doc = field.doc.isEmpty ? field.schema.doc : field.doc
                return
                    "| `\(field.name)` | \(field.schema.markdownType.replacing("|", with: "\\|")) | \(need). \(doc.replacing("|", with: "\\|")) |"
            }
    }
}
