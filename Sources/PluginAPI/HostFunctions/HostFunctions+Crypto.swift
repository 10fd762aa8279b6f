// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

extension HostFunctions {
    private static let algorithm = ContextFunction.Parameter.required(
        "algorithm", .enumeration(["sha256", "sha512", "sha1"]), "The hash; `sha1` for old providers only.")
    private static let encoding = ContextFunction.Parameter.optional(
        "encoding", .enumeration(["hex", "base64", "raw"]), "How the result is written. Default `hex`.")
    private static let octets = Schema.octets(max: 256 << 10)

    static let crypto: [ContextFunction] = [
        ContextFunction(
            "crypto.hmac", .host, "A keyed hash. The key is usually a handle: the host puts it in.",
            [
                algorithm, .required("key", .union([.octets(max: 4096), .secret]), "A handle or a string."),
                .required("message", octets, "What is signed."), encoding,
            ],
            returns: [.required("hash", octets, "In the encoding asked for.")],
            example: "local signature = ctx.crypto.hmac(\"sha256\", ctx.secret.signing_key, timestamp .. \".\" .. body)"),
        ContextFunction(
            "crypto.hash", .host, "A hash.", [algorithm, .required("data", octets, "What is hashed."), encoding],
            returns: [.required("hash", octets, "In the encoding asked for.")], example: "local digest = ctx.crypto.hash(\"sha256\", body)"),
        ContextFunction(
            "crypto.equals", .cell, "Compares two strings in constant time. For everything that an outsider may guess at.",
            [.required("a", octets), .required("b", octets)], returns: [.required("equal", .boolean)],
            example: "if not ctx.crypto.equals(sent, computed) then … end"),
        ContextFunction(
            "crypto.base64_encode", .cell, "Base64 with padding.", [.required("data", octets)], returns: [.required("text", .string())],
            example: "local text = ctx.crypto.base64_encode(data)"),
        ContextFunction(
            "crypto.base64_decode", .cell, "Reads base64 in either alphabet, with or without padding; nil and a text when it is none.",
            [.required("text", .string())],
            returns: [.required("data", octets.nullable), .optional("problem", .string())],
            example: "local data, problem = ctx.crypto.base64_decode(text)"),
        ContextFunction(
            "crypto.hex_encode", .cell, "Lower-case hexadecimal.", [.required("data", octets)], returns: [.required("text", .string())],
            example: "local text = ctx.crypto.hex_encode(data)"),
        ContextFunction(
            "crypto.hex_decode", .cell, "Reads hexadecimal; nil and a text when it is none.", [.required("text", .string())],
            returns: [.required("data", octets.nullable), .optional("problem", .string())],
            example: "local data, problem = ctx.crypto.hex_decode(text)"),
    ]

    static let json: [ContextFunction] = [
        ContextFunction(
            "json.encode", .cell,
            "JSON text. An empty table is an object; write `panel.array {}` for an empty list, and `panel.null` for null.",
            [.required("value", .any)], returns: [.required("text", .string())],
            example: "local body = ctx.json.encode { id = req.notification_id, tags = panel.array {} }"),
        ContextFunction(
            "json.decode", .cell, "Reads JSON, strictly: no duplicate names, nothing after the value. Nil and a text when it is none.",
            [.required("text", octets)], returns: [.required("value", Schema.any.nullable), .optional("problem", .string())],
            example: "local event, problem = ctx.json.decode(req.raw_body)"),
    ]
}
