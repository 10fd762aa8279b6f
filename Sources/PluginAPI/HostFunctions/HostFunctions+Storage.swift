// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

extension HostFunctions {
    private static let key = ContextFunction.Parameter.required("key", .string(1...200), "1 to 200 bytes, no control characters.")

    static let storage: [ContextFunction] = [
        ContextFunction(
            "storage.get", .host, capability: "storage", "Reads what was stored under a key.", [key],
            returns: [.required("value", Schema.any.nullable, "The value; nil when there is none.")],
            example: "local cursor = ctx.storage.get(\"cursor\")"),
        ContextFunction(
            "storage.set", .host, capability: "storage",
            """
            Stores a value: text, number, boolean or table, at most 64 KiB as JSON. It belongs to this plugin and this tenant. Raises `limit_exceeded` when the \
            quota is used up. Secrets cannot be stored.
            """, [key, .required("value", .any, "The value.")], returns: [.required("stored", .boolean, "Always true.")],
            example: "ctx.storage.set(\"cursor\", { last = response:json().next })"),
        ContextFunction(
            "storage.delete", .host, capability: "storage", "Forgets a key.", [key],
            returns: [.required("existed", .boolean, "Whether there was one.")],
            example: "ctx.storage.delete(\"cursor\")"),
        ContextFunction(
            "storage.list", .host, capability: "storage", "Lists keys, sorted.",
            [.optional("prefix", .string(0...200), "Only keys that start with it.")],
            returns: [.required("keys", .array(.string(1...200)), "The keys.")],
            example: "for _, key in ipairs(ctx.storage.list(\"token/\")) do ctx.storage.delete(key) end"),
    ]
}
