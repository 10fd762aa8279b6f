-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors

--- Posts notifications as signed JSON. The receiver recomputes the signature with the shared secret; see README.md.

local function refuse(code, message, details)
    local failure = { code = code, message = message, retryable = false, outcome = "rejected" }
    for name, value in pairs(details or {}) do failure[name] = value end
    return { ok = false, error = failure }
end

-- Seconds to wait, where the answer names them; a week is the most that the contract knows.
local function retry_after(response)
    local seconds = (response.headers["retry-after"] or ""):match("^%d+$")
    return seconds and math.min(tonumber(seconds), 604800) or nil
end

local function document(ctx, req)
    return {
        id = req.notification_id,
        sent_at = ctx.clock.iso8601(ctx.now_ms),
        event = { id = req.event.id, type = req.event.type, occurred_at = ctx.clock.iso8601(req.event.occurred_at_ms) },
        severity = req.severity,
        title = req.title,
        text = req.body.text,
        markdown = req.body.markdown,
        url = req.url,
        attributes = req.attributes or panel.array {},
        recipient = req.recipient,
        thread_key = req.thread_key,
        group = req.group,
        test = req.test or false,
    }
end

-- What the receiver's status says about this notification.
local function outcome(response)
    local status = response.status
    local message = "The receiver answered " .. status .. "."
    if status >= 200 and status < 300 then
        return { ok = true, status = "accepted", provider_message_ids = panel.array {} }
    elseif status >= 300 and status < 400 then
        return refuse("config_invalid", message .. " Redirects are not followed: configure the address where it leads.")
    elseif status == 401 or status == 403 then
        return refuse("auth_failed", message)
    elseif status == 404 or status == 410 then
        return refuse("config_invalid", message .. " Nothing receives notifications at this address.")
    elseif status == 408 or status == 425 or status == 429 then
        local wait = retry_after(response)
        return refuse("rate_limited", message, { retryable = true, retry_after_s = wait })
    elseif status >= 500 then
        return refuse("provider_unavailable", message, { retryable = true, outcome = "unknown" })
    end
    return refuse("invalid_request", message)
end

local function send(ctx, req)
    local body = ctx.json.encode(document(ctx, req))
    local timestamp = ctx.now_ms // 1000
    local signature = ctx.crypto.hmac("sha256", ctx.secret.signing_secret, timestamp .. "." .. body)

    local response, problem = ctx.http.request {
        method = "POST",
        url = ctx.config.url,
        headers = {
            ["Content-Type"] = "application/json",
            ["Panelhost-Event"] = req.event.type,
            ["Panelhost-Signature"] = "t=" .. timestamp .. ",v1=" .. signature,
        },
        body = body,
    }
    if response then return outcome(response) end
    local permanent = problem.code == "network_denied" or problem.code == "limit_exceeded"
    return refuse(problem.code, problem.message, { retryable = not permanent, outcome = problem.outcome })
end

-- A webhook has nothing to ask without sending; the host offers a test notification for that.
local function validate_config(ctx)
    local warnings = {}
    if ctx.config.url:sub(1, 8):lower() ~= "https://" then
        warnings[#warnings + 1] = "The address is not https: everyone on the way can read the notifications."
    end
    return { ok = true, warnings = panel.array(warnings) }
end

return { validate_config = validate_config, send = send }
