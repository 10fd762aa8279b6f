// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

extension HostFunctions {
    private static let fields = ContextFunction.Parameter.optional("fields", .map(.any, 0...32), "Facts beside the message.")

    static let log: [ContextFunction] = ["debug", "info", "warn", "error"].map { level in
        ContextFunction(
            "log.\(level)", .cell,
            level == "info"
                ? "Writes a line to the plugin's log, which administrators read. At most 16 KiB a call. Known secrets, card numbers and codes are blotted out; do not rely on it."
                : "The same with the level \(level).",
            [.required("message", .any, "The line; what is no string is written as `tostring` shows it."), fields],
            example: "ctx.log.\(level)(\"acme answered\", { status = response.status })")
    }

    static let clock: [ContextFunction] = [
        ContextFunction(
            "clock.now_ms", .cell, "The time in milliseconds since 1970.", returns: [.required("ms", .milliseconds)],
            example: "local now = ctx.clock.now_ms()"),
        ContextFunction(
            "clock.iso8601", .cell, "A time as text: `2026-11-21T09:30:00.000Z`.",
            [.required("ms", .integer(), "Milliseconds since 1970.")],
            returns: [.required("text", .string(max: 24))], example: "local text = ctx.clock.iso8601(ctx.now_ms)"),
    ]

    static let random: [ContextFunction] = [
        ContextFunction(
            "random.bytes", .host, "Random bytes from the host. `math.random` is the same in every call; never use it for anything secret.",
            [.required("count", .integer(1...1024), "How many.")], returns: [.required("bytes", .octets(max: 1024))],
            example: "local salt = ctx.random.bytes(16)"),
        ContextFunction(
            "random.hex", .cell, "Random bytes as hexadecimal.", [.required("count", .integer(1...1024), "How many bytes.")],
            returns: [.required("text", .string(max: 2048))], example: "local nonce = ctx.random.hex(16)"),
        ContextFunction(
            "random.uuid", .host, "A random UUID (version 4).", returns: [.required("uuid", .string(36...36, format: .uuid))],
            example: "local id = ctx.random.uuid()"),
    ]

    static let money: [ContextFunction] = [
        ContextFunction(
            "money.new", .host, "Money from minor units.",
            [
                .required("minor", .integer(Money.range), "Minor units."),
                .required("currency", .string(3...3, format: .currency), "ISO 4217 code."),
            ],
            returns: [.required("money", .money)], example: "local fee = ctx.money.new(30, \"EUR\")"),
        ContextFunction(
            "money.from_decimal", .host, "Money from a decimal text, without rounding: too many decimals raise an error.",
            [.required("text", .string(1...32), "`12.30`."), .required("currency", .string(3...3, format: .currency), "ISO 4217 code.")],
            returns: [.required("money", .money)], example: "local amount = ctx.money.from_decimal(body.total, \"EUR\")"),
        ContextFunction(
            "money.to_decimal", .host, "The decimal text of money, with as many decimals as the currency has.",
            [.required("money", .money)],
            returns: [.required("text", .string(max: 32))], example: "local text = ctx.money.to_decimal(req.amount) -- \"12.30\""),
        ContextFunction(
            "money.add", .host, "The sum of two amounts of one currency.", [.required("a", .money), .required("b", .money)],
            returns: [.required("sum", .money)],
            example: "local total = ctx.money.add(net, tax)"),
        ContextFunction(
            "money.subtract", .host, "The difference of two amounts of one currency; a negative one raises an error.",
            [.required("a", .money), .required("b", .money)], returns: [.required("difference", .money)],
            example: "local rest = ctx.money.subtract(total, paid)"),
    ]

    /// Plain fields of `ctx`.
    static let contextFields: [Schema.Field] = [
        .required("call_id", .string(36...36, format: .uuid), "This call; new for every try."),
        .required("tenant_id", .string(36...36, format: .uuid), "Whose plugin it is."),
        .required("plugin_id", .string(2...125, format: .slug), "The plugin's id."),
        .required("instance_id", .string(36...36, format: .uuid), "Plugin × tenant × label: one tenant may configure a plugin twice."),
        .required("mode", .enumeration(["test", "live"]), "Whether money is real."),
        .required("attempt", .integer(1...1000), "1 for the first try."),
        .optional(
            "idempotency_key", .string(1...128),
            "The same for every try of one action. The host sends it itself when `idempotency.style` is `header`."),
        .required("deadline_ms", .milliseconds, "When the host will stop waiting."),
        .required("now_ms", .milliseconds, "When the call began."),
        .required("locale", .string(2...35, format: .locale), "Language of the tenant."),
        .required("correlation_id", .string(1...64), "Names the action in every log."),
        .required("config", .map(.any), "The plain settings, with defaults filled in; read-only."),
        .required("secret", .map(.secret), "The secret settings, as handles: `nil` when not set, an error when not declared."),
    ]
}
