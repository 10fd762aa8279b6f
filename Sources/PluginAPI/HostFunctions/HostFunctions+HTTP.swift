// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

extension HostFunctions {
    private static let textOrSecret = Schema.union([.octets(max: 256 << 10), .secret])
    private static let slot = Schema.union([.string(0...65536), .integer(), .boolean, .secret])

    private static let options: [Schema.Field] = [
        .optional("headers", .map(textOrSecret, 0...64, keyLength: 256), "Headers by name."),
        .optional("query", .map(.any, 0...100), "Query parameters; nests like `form`."),
        .optional("form", .map(.any, 0...500), "A form-encoded body. `{a = {b = 1}, c = {\"x\"}}` becomes `a[b]=1&c[0]=x`."),
        .optional("json", .any, "A JSON body."),
        .optional("body", textOrSecret, "A body as it is; say its type in `headers`."),
        .optional("timeout_ms", .integer(1...60_000), "How long to wait; never longer than the call has left.", example: 5000),
    ]

    static let optionsType = Schema.type(
        "HTTPOptions", "What a request may have beside method and URL. At most one of `form`, `json`, `body`.", options)

    static let requestType = Schema.type(
        "HTTPRequest", "A request. Secret handles may stand as `url`, and as any value of `headers`, `query`, `form`, `json` and `body`.",
        [
            .optional("method", .enumeration(HTTPDestination.knownMethods), "Default `GET`.", example: "POST"),
            .required(
                "url", .union([.string(8...8192), .secret]), "An absolute URL on a destination in force.",
                example: "https://api.acme.test/v1/payments"),
        ] + options)

    static let responseType = Schema.type(
        "HTTPResponse",
        "An answer of any status. `response:json()` decodes the body; it returns `nil` and a text when the body is not JSON.",
        [
            .required("status", .integer(100...599), "Status.", example: 200),
            .required("headers", .map(.string(), 0...200), "Headers by lower-case name."),
            .required("body", .octets(max: 1 << 20), "The body."),
        ])

    static let networkErrorType = Schema.type(
        "NetworkError", "Why there is no answer. You may hand it on: `return { ok = false, error = err }`.",
        [
            .required(
                "code", .enumeration(["provider_unavailable", "timeout", "network_denied", "limit_exceeded"]), "The kind of failure."),
            .required("message", .string(max: 512), "For administrators."),
            .required("outcome", .enumeration(PluginFailure.Outcome.self), "Whether the request may have arrived."),
        ])

    private static let answer: [ContextFunction.Parameter] = [
        .required("response", responseType.nullable, "The answer; nil when there is none."),
        .optional("err", networkErrorType, "Why there is none."),
    ]

    static let http: [ContextFunction] = [
        ContextFunction(
            "http.request", .host, capability: "http",
            """
            Sends one request and waits for the answer. The host checks the destination against the capabilities in force, resolves the name, \
            refuses private addresses, fills in secrets, adds the idempotency header, and follows no redirect. A destination that is not on the list \
            and an option that does not exist raise an error; a network failure is returned.
            """, [.required("request", requestType, "The request.")], returns: answer,
            example: """
                local response, err = ctx.http.request {
                    method = "POST",
                    url = "https://api.acme.test/v1/payments",
                    headers = { ["Authorization"] = ctx.http.bearer(ctx.secret.api_key) },
                    form = { amount = req.amount.amount_minor, currency = req.amount.currency },
                }
                if not response then return { ok = false, error = err } end
                """),
        ContextFunction(
            "http.get", .cell, capability: "http", "`http.request` with the method GET.",
            [.required("url", .union([.string(8...8192), .secret]), "Where."), .optional("options", optionsType, "The rest.")],
            returns: answer,
            example: "local response, err = ctx.http.get(\"https://api.acme.test/v1/account\", { query = { expand = { \"owner\" } } })"),
        ContextFunction(
            "http.post", .cell, capability: "http", "`http.request` with the method POST.",
            [.required("url", .union([.string(8...8192), .secret]), "Where."), .optional("options", optionsType, "The rest.")],
            returns: answer,
            example: "local response, err = ctx.http.post(ctx.secret.url, { json = { text = req.title } })"),
        ContextFunction(
            "http.bearer", .cell, capability: "http", "The value of an `Authorization` header: `Bearer …`.",
            [.required("token", textOrSecret, "A handle from `ctx.secret`.")],
            returns: [.required("value", .secret, "Only for a request.")],
            example: "headers = { [\"Authorization\"] = ctx.http.bearer(ctx.secret.api_key) }"),
        ContextFunction(
            "http.basic", .cell, capability: "http", "The value of an `Authorization` header: `Basic …`.",
            [
                .required("user", .string(0...1024), "The user name, without colon."),
                .required("password", textOrSecret, "A handle from `ctx.secret`."),
            ],
            returns: [.required("value", .secret, "Only for a request.")],
            example: "headers = { [\"Authorization\"] = ctx.http.basic(ctx.config.account, ctx.secret.token) }"),
        ContextFunction(
            "http.text", .cell, capability: "http",
            "A text with secrets in it, which the host puts together at egress. At most 64 parts and 16 KiB.",
            [.required("parts", .array(slot, 0...64), "Strings, numbers and handles.")],
            returns: [.required("value", .secret, "Only for a request.")],
            example: "form = { To = req.destination, Body = ctx.http.text { req.brand, \": your code is \", req.code } }"),
    ]
}
