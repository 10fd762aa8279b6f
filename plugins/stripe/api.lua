-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors

--- Talks to Stripe's HTTP API and turns what went wrong into the contract's error codes.
local api = {}

local BASE = "https://api.stripe.com/v1/"

-- Pinned, so that an upgrade of the account's default version cannot change the shape of a response under us.
local API_VERSION = "2024-06-20"

--- A field of a decoded JSON object, with JSON null as nil.
function api.field(object, name)
    if type(object) ~= "table" then return nil end
    local value = object[name]
    if value == panel.null then return nil end
    return value
end
local field = api.field

--- At most `limit` bytes of a text on one line, never cut inside a UTF-8 sequence.
function api.clip(text, limit)
    if type(text) ~= "string" then return nil end
    text = text:gsub("%c+", " ")
    if #text <= limit then return text end
    local last = limit
    while last > 0 and text:byte(last + 1) & 0xC0 == 0x80 do last = last - 1 end
    return text:sub(1, last)
end

--- A result that says the operation failed.
function api.refuse(code, message, details)
    local failure = { code = code, message = api.clip(message, 500), retryable = false, outcome = "rejected" }
    for name, value in pairs(details or {}) do failure[name] = value end
    return { ok = false, error = failure }
end

--- Whether a text is an identifier of Stripe with the given prefix: only such a text may become part of a path.
function api.is_identifier(text, prefix)
    return type(text) == "string" and #text <= 255 and text:sub(1, #prefix) == prefix and text:find("^[%w_]+$") ~= nil
end

-- A failure below HTTP: the host knows whether the bytes left, so its outcome is passed on as it is.
local function transport_failure(failure)
    local permanent = failure.code == "network_denied" or failure.code == "limit_exceeded"
    return api.refuse(failure.code, failure.message, { retryable = not permanent, outcome = failure.outcome })
end

local function decode(response)
    local readable, body = pcall(response.json, response)
    if readable and type(body) == "table" then return body end
    return nil
end

--- Sends one request. Returns a reply `{status, body, headers}`, or nil and a failed result when there is no reply.
function api.send(ctx, method, path, parameters)
    if not ctx.secret.secret_key then
        return nil, api.refuse("config_invalid", "The secret key is not set.", { outcome = "not_sent" })
    end
    local request = {
        method = method,
        url = BASE .. path,
        headers = { ["Authorization"] = ctx.http.bearer(ctx.secret.secret_key), ["Stripe-Version"] = API_VERSION },
    }
    if method == "GET" then request.query = parameters else request.form = parameters or {} end

    local response, failure = ctx.http.request(request)
    if not response then return nil, transport_failure(failure) end
    return { status = response.status, headers = response.headers, body = decode(response) }
end

-- What each HTTP status means when nothing in the body says more. `outcome` is about a mutating request.
local BY_STATUS = {
    [400] = { code = "invalid_request", retryable = false, outcome = "rejected" },
    [401] = { code = "auth_failed", retryable = false, outcome = "rejected" },
    [402] = { code = "provider_error", retryable = false, outcome = "rejected" },
    [403] = { code = "auth_failed", retryable = false, outcome = "rejected" },
    [404] = { code = "not_found", retryable = false, outcome = "rejected" },
    [409] = { code = "conflict", retryable = true, outcome = "unknown" },
    [429] = { code = "rate_limited", retryable = true, outcome = "rejected" },
}

local BY_CODE = {
    resource_missing = { code = "not_found", retryable = false, outcome = "rejected" },
    lock_timeout = { code = "rate_limited", retryable = true, outcome = "rejected" },
    rate_limit = { code = "rate_limited", retryable = true, outcome = "rejected" },
    -- The first request with this key is still at work, so nobody knows yet how it ends.
    idempotency_key_in_use = { code = "conflict", retryable = true, outcome = "unknown" },
    payment_intent_unexpected_state = { code = "conflict", retryable = false, outcome = "rejected" },
    charge_already_captured = { code = "conflict", retryable = false, outcome = "rejected" },
    charge_already_refunded = { code = "conflict", retryable = false, outcome = "rejected" },
    api_key_expired = { code = "auth_failed", retryable = false, outcome = "rejected" },
}

local function meaning(reply, error)
    if reply.status >= 500 then return { code = "provider_unavailable", retryable = true, outcome = "unknown" } end
    -- Not Stripe's words: something in between answered, so that a 404 here is no proof of anything.
    if type(error) ~= "table" then return { code = "provider_error", retryable = true, outcome = "unknown" } end
    if field(error, "type") == "idempotency_error" then
        return BY_CODE[field(error, "code")] or { code = "conflict", retryable = false, outcome = "rejected" }
    end
    return BY_CODE[field(error, "code")] or BY_STATUS[reply.status]
        or { code = "provider_error", retryable = false, outcome = "unknown" }
end

-- Seconds to wait, where Stripe names them; a week is the most that the contract knows.
local function retry_after(headers)
    local seconds = (headers["retry-after"] or ""):match("^%d+$")
    return seconds and math.min(tonumber(seconds), 604800) or nil
end

--- The failed result for a reply that is not a success.
function api.failure(reply)
    local error = field(reply.body, "error")
    local known = meaning(reply, error)
    return api.refuse(known.code, "Stripe answered " .. reply.status .. ".", {
        retryable = known.retryable,
        outcome = known.outcome,
        provider_code = api.clip(field(error, "code") or field(error, "type"), 100),
        provider_message = api.clip(field(error, "message"), 500),
        retry_after_s = retry_after(reply.headers),
    })
end

--- Sends one request and wants an object back. Returns it, or nil, the failed result and, where there was one, the reply.
function api.object(ctx, method, path, parameters)
    local reply, failed = api.send(ctx, method, path, parameters)
    if not reply then return nil, failed end
    if reply.status < 200 or reply.status > 299 then return nil, api.failure(reply), reply end
    if not reply.body then
        -- A success that cannot be read: the request was carried out, or it was not a reply of Stripe at all.
        return nil, api.refuse("provider_error", "Stripe's answer is not JSON.", { retryable = true, outcome = "unknown" })
    end
    return reply.body
end

return api
