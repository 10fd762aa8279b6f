-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors

--- Posts notifications to Slack through an incoming webhook.
local blocks = require "blocks"

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

-- What Slack's status says. Its body is one word, such as "invalid_token" or "channel_is_archived".
local function outcome(response)
    local status = response.status
    if status == 200 then return { ok = true, status = "accepted", provider_message_ids = panel.array {} } end

    local message = "Slack answered " .. status .. "."
    local word = response.body:match("^([%l_]+)%s*$")
    local details = { provider_code = word and word:sub(1, 60) or nil }
    if status == 429 then
        details.retryable, details.retry_after_s = true, retry_after(response)
        return refuse("rate_limited", message, details)
    elseif status >= 500 then
        details.retryable, details.outcome = true, "unknown"
        return refuse("provider_unavailable", message, details)
    elseif status == 403 or status == 404 or status == 410 then
        return refuse("config_invalid", message .. " The webhook or its channel is gone: make a new webhook in Slack.", details)
    end
    return refuse("invalid_request", message, details)
end

local function send(ctx, req)
    local response, problem = ctx.http.request {
        method = "POST",
        url = ctx.secret.webhook_url,
        json = blocks.payload(req, ctx.config.mention),
    }
    if response then return outcome(response) end
    local permanent = problem.code == "network_denied" or problem.code == "limit_exceeded"
    return refuse(problem.code, problem.message, { retryable = not permanent, outcome = problem.outcome })
end

-- An incoming webhook has nothing to ask without posting; the host offers a test notification for that.
local function validate_config(ctx)
    if not ctx.secret.webhook_url then return refuse("config_invalid", "The webhook URL is not set.", { outcome = "not_sent" }) end
    return { ok = true, warnings = panel.array {} }
end

return { validate_config = validate_config, send = send }
