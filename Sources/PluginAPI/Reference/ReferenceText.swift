// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

/// What the tables cannot say.
enum ReferenceText {
    static let introduction = """
        <!-- Made from Sources/PluginAPI. Do not edit; run: PANELHOST_WRITE_DOCS=1 swift test --filter Reference -->

        # Plugin API, version 1

        The reference of what a plugin declares, gets, answers and can call. [Writing a plugin](writing-a-plugin.md) is the way through it for beginners;
        [panelhost.lua](panelhost.lua) holds the same for the Lua language server. Everything here comes from the tables with which the host validates, so
        that it cannot be out of date.

        In tables a field in **bold** has to be there; others may be left out, and `null` counts as left out. Lengths count characters. All text is UTF-8.

        **The plugin talks to a provider; the host decides.** The host owns what is paid, whether a code was right, idempotency, retries, limits, redaction
        and time. Nothing is "paid" because a plugin says so.
        """

    static let firstPlugin = """
        `main.lua` returns a table of operations. This notifier ([examples/hello-plugin](../examples/hello-plugin)) posts to an address that the tenant configures:

        ```lua
        return {
            validate_config = function(ctx, req)
                return { ok = true, warnings = {} }
            end,

            send = function(ctx, req)
                local response, err = ctx.http.post(ctx.secret.url, { json = { text = req.title .. ": " .. req.body.text } })
                if not response then return { ok = false, error = err } end
                if response.status ~= 200 then
                    return { ok = false, error = { code = "provider_error", message = "HTTP " .. response.status, retryable = true } }
                end
                return { ok = true, status = "accepted", provider_message_ids = {} }
            end,
        }
        ```

        | to | run |
        |---|---|
        | check a folder | `panelhost plugin check DIR` |
        | print this page, or the Lua definitions | `panelhost plugin docs` |
        """

    static let manifest = """
        Read without running code. Every mistake is reported at once, as `plugin.json:LINE: what is wrong, what to write`; a field that does not exist is a mistake.
        At most 128 KiB. One of `gateway`, `factor` and `notifier` stands beside these, by the kind.

        ```json
        {
            "manifest_version": 1,
            "id": "acme-pay",
            "name": "Acme Pay",
            "version": "1.0.0",
            "description": "Charges cards through Acme.",
            "license": "MIT",
            "panel1": ">=0.1.0 <1.0.0",
            "host_api": "1",
            "kind": "payment_gateway",
            "entry": "main.lua",
            "operations": ["validate_config", "create_payment", "confirm_payment", "get_payment", "refund_payment", "get_refund"],
            "capabilities": {
                "http": [{ "host": "api.acme.test", "methods": ["GET", "POST"], "path_prefix": "/v1/" }]
            },
            "config_schema": {
                "properties": { "api_key": { "type": "string", "title": "Secret key", "x-secret": true } },
                "required": ["api_key"]
            },
            "gateway": {
                "currencies": ["EUR", "USD"], "methods": ["card"], "flows": ["redirect"], "refunds": "partial",
                "idempotency": { "style": "header", "name": "Idempotency-Key" }, "redirect_hosts": ["pay.acme.test"]
            }
        }
        ```
        """

    static let capabilities = """
        What is in force is what the manifest requests **and** an administrator has approved. Nothing else exists: using it raises an error that names the line to
        add. A later version that asks for more keeps running with what was approved, until somebody approves the rest.

        A destination is https, by full name. Plain http and private or loopback addresses work only where the operator of the host has exempted them.
        `path_prefix` holds whole segments: `/v1` admits `/v1` and `/v1/x`, and not `/v10`. A URL with `..`, an encoded slash, dot, backslash, percent sign or semicolon in
        its path, a user name or a fragment is refused.
        """

    static let config = """
        A subset of JSON Schema, so that the settings form, the API and your code agree. Names are lower-case letters, digits and `_`. What a tenant enters is
        checked before it is stored; `ctx.config` holds plain settings with their defaults, `ctx.secret` handles of the secret ones. A change that does not mention a setting
        keeps it, `null` clears it.

        ```json
        "config_schema": {
            "type": "object",
            "properties": {
                "api_key": { "type": "string", "title": "Secret key", "pattern": "^sk_[A-Za-z0-9]+$", "x-secret": true },
                "mode": { "type": "string", "enum": ["test", "live"], "default": "live" }
            },
            "required": ["api_key"]
        }
        ```

        Mark as secret whatever lets somebody act, a whole URL too where it carries a token. A secret has no default.
        """

    static let hooks = """
        A list of events that the plugin wants to hear of: `[{"event": "invoice.paid", "version": 1}]`. Data in them follows the data scopes that are in force. They are checked and shown to the
        administrator; this version of the host does not deliver them yet.
        """

    static let operation = """
        ```lua
        function operation(ctx, req) return { ok = true, … } end
        ```

        `ctx` is what the host offers, `req` what is asked; both are read-only. Each call starts from the same clean state: a global that you set is gone at the next call.

        Answer `{ ok = true, … }` with the fields of the operation's result, flat, or `{ ok = false, error = { … } }`. A field that the contract does not know is dropped; a
        missing or wrong one makes the whole answer a `contract_violation`. Numbers of money, counts and times are integers: in Lua divide with `//`, not with `/`. Text is at most 4 KiB,
        a message at most 512 characters, and never HTML.

        **A decline is a result, not an error:** `{ ok = true, status = "declined", decline = { code = "insufficient_funds", advice = "retry_later" }, … }`.
        """

    static let outcome = """
        | outcome | say it when | the host then |
        |---|---|---|
        | `not_sent` | nothing left, for example because you refused the request yourself | may try again |
        | `rejected` | the provider answered that it did **not** do it | knows that nothing happened |
        | `unknown` | no answer, a 5xx, an answer that you cannot read | asks `get_payment` until it knows |

        When in doubt, `unknown`. The host saw what went over the wire and overrules a `not_sent` that is not true. When your code raises an error, runs out of a limit or breaks the contract, the
        host makes the error: `not_sent` if no mutating request left, `unknown` otherwise.

        **Card data never crosses.** A text with 13 to 19 digits that pass the Luhn check, or a field named `cvv`, `cvc`, `pan` or `card_number`, in a request, an answer or a
        setting, is a `contract_violation`. Brand, last four digits and expiry are fine.
        """

    static let context = "Beside these plain fields `ctx` holds the namespaces below."

    static let secrets = """
        ### ctx.secret

        `ctx.secret.NAME` is a handle, not text. It can stand where a request has a value: URL, header, query, form, json, body; in `ctx.http.bearer`, `ctx.http.basic` and `ctx.http.text`; and
        as key of `ctx.crypto.hmac`. The host fills it in after the destination was allowed, and blots it out of what comes back. `tostring` shows `[secret]`; joining, comparing, logging or storing it
        raises an error.

        ```lua
        if not ctx.secret.webhook_secret then … end            -- declared and not set: nil
        local key = ctx.secret.webhok_secret                   -- not declared: an error that names config_schema
        ```
        """

    static let panel = """
        ### panel

        `panel.null` stands for JSON `null` inside a list or where leaving a field out is not the same. `panel.array { … }` marks a table as a list, so that an empty one is not taken for an object.

        ```lua
        return { ok = true, events = panel.array {} }
        ```
        """

    static func kind(_ kind: PluginKind) -> String {
        switch kind {
        case .paymentGateway:
            """
            The host keeps the state of a payment; an answer is a proposal. Late news never undo newer ones, and an amount that differs from ours goes to a person.

            ```text
            created → requires_action ⇄ processing → authorized → partially_captured → succeeded
               any that is not final → declined | canceled | expired
               anything in flight    → unknown → (get_payment) → any of the above | review
            ```

            - **Idempotency.** With `"style": "header"` the host adds the header to every mutating request itself, the same for every try. With `"body"` put `ctx.idempotency_key` into the field. With
              `"none"` nothing is ever sent twice.
            - **`not_found` from `get_payment` means: certain.** The host closes the payment on that word, and the invoice may be charged again.
            - **Put our reference where the provider lets you search**: `merchant_reference` or `payment_id`, and `ctx.instance_id` so that events find their instance.
            """
        case .twoFactor:
            """
            The host owns secrets, attempts, lockouts, replay, recovery codes and the verdict. `delivered`: the host makes and checks a code, the plugin carries it. `local`: the plugin computes, the
            host re-checks counters and nonces. `remote`: a service decides; begin, then poll or call back. When a plugin fails, nobody gets in through it.
            """
        case .notifier:
            """
            The host renders and escapes, splits, slows down, retries with a growing pause, and stops after the rule's age. Answer `deferred` or a retryable error when it may work later, `rejected`
            when it never will.
            """
        }
    }

    static let language = """
        Lua 5.4 from an empty table: what is not listed does not exist. [lua.md](lua.md) has every global and every difference.

        | there | not there |
        |---|---|
        | `assert error ipairs next pairs pcall print select tonumber tostring type xpcall rawequal rawget rawlen rawset setmetatable getmetatable require` | `load loadfile dofile collectgarbage` |
        | `string` (results up to 1 MiB), `table`, `math`, `utf8`, `coroutine` | `io os debug package`, `string.dump` |
        | metamethods but those named beside | `__close __concat`; `__gc __mode` have no effect |

        - `require "name"` loads `name.lua` of the same plugin and nothing else.
        - `print` writes to the log. `math.random` is the same whenever a call is run again; use `ctx.random` for what must not be guessed.
        - A host call can be made anywhere but while the file is being loaded.
        - `tostring` of a table shows no address.
        """

    static let limits = """
        | what | limit |
        |---|---|
        | memory, CPU, time, HTTP calls of one call | `limits` in the manifest, within the host's caps |
        | `req`, an answer, arguments and result of a host call | 256 KiB, 32 levels, 10,000 values |
        | HTTP response, webhook body | 1 MiB on the wire; what is larger than 256 KiB does not reach the plugin |
        | HTTP headers of a request | 64, each at most 8 KiB, together 64 KiB |
        | stored value / key | 64 KiB as JSON / 200 bytes; together `storage.max_bytes` |
        | log of one call | 16 KiB |
        | source file | 128 KiB |
        | text in an answer / message of an error | 4 KiB / 512 characters |

        Beyond a limit the call ends with an error that names it; other calls go on.
        """

    static let refusals = """
        | you see | write |
        |---|---|
        | `ctx.http is not there: add to "capabilities" …` | the line that it names; then let an administrator approve |
        | `… but no administrator has approved it` | nothing: approve it in the tenant |
        | `http: POST https://… : no destination in force allows this method and path` | the destination with that method and path |
        | `ctx.secret.x is not declared` | `"x": {"type": "string", "x-secret": true}` in `config_schema.properties` |
        | `must be an integer, not a number with a fraction or exponent` | `//` instead of `/`, or `math.tointeger` |
        | `holds what looks like a card number` | send the last four digits only |
        | `is not a known field; did you mean …?` | the name that it offers |
        """
}
