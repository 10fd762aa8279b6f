-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors

--- Delivers codes by SMS through Twilio's Messages API. The code is a handle: this plugin never sees its digits.
local messages = require "messages"
local phone = require "phone"

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

local function field(object, name)
    if type(object) ~= "table" or object[name] == panel.null then return nil end
    return object[name]
end

-- Twilio's codes that speak of the receiver: asking again with the same number changes nothing, and nothing is wrong here.
local RECEIVER = {
    [21211] = true, -- not a number
    [21265] = true, -- a short code
    [21408] = true, -- a region that the account does not send to
    [21608] = true, -- not verified, on a trial account
    [21610] = true, -- unsubscribed with STOP
    [21612] = true, -- not reachable from this sender
    [21614] = true, -- not a mobile number
    [21635] = true, -- a landline
}

-- Codes that speak of the sender or the account: somebody has to mend the configuration.
local CONFIGURATION = {
    [20404] = true, -- no such account
    [21212] = true, -- "from" is not a number
    [21603] = true, -- no "from"
    [21606] = true, -- "from" is not ours or cannot send SMS
    [21659] = true, -- "from" is not of this country or account
    [21660] = true, -- "from" belongs to another account
    [21701] = true, -- no such messaging service
}

local function failure(response, body)
    local status, code = response.status, field(body, "code")
    local details = {
        provider_code = code and tostring(code) or nil,
        provider_message = field(body, "message") and tostring(body.message):gsub("%c+", " "):sub(1, 300) or nil,
    }
    local what = "Twilio answered " .. status .. "."
    if status >= 500 then
        details.retryable, details.outcome = true, "unknown"
        return refuse("provider_unavailable", what, details)
    elseif status == 429 or code == 20429 then
        details.retryable, details.retry_after_s = true, retry_after(response)
        return refuse("rate_limited", what, details)
    elseif status == 401 or status == 403 then
        return refuse("auth_failed", what, details)
    elseif CONFIGURATION[code] then
        return refuse("config_invalid", what, details)
    elseif status == 400 then
        return refuse("invalid_request", what, details)
    end
    details.outcome = "unknown"
    return refuse("provider_error", what, details)
end

-- Sends one request below the account. Returns the decoded answer, or nil, a failed result and the answer.
local function call(ctx, method, path, parameters)
    local config = ctx.config
    local request = {
        method = method,
        url = "https://api.twilio.com/2010-04-01/Accounts/" .. config.account_sid .. path,
        headers = { ["Authorization"] = ctx.http.basic(config.api_key_sid or config.account_sid, ctx.secret.auth_token) },
    }
    if method == "GET" then request.query = parameters else request.form = parameters end

    local response, problem = ctx.http.request(request)
    if not response then
        local permanent = problem.code == "network_denied" or problem.code == "limit_exceeded"
        return nil, refuse(problem.code, problem.message, { retryable = not permanent, outcome = problem.outcome })
    end
    local readable, body = pcall(response.json, response)
    if not readable or type(body) ~= "table" then body = nil end
    if response.status >= 200 and response.status < 300 and body then return body end
    return nil, failure(response, body), body
end

local function validate_config(ctx)
    -- Reads one message at most: the right that sending needs, and nothing at Twilio changes by it.
    local _, failed = call(ctx, "GET", "/Messages.json", { PageSize = 1 })
    if failed then return failed end

    local warnings = {}
    -- An API key need not see the account, so that this may fail without harm.
    local account = call(ctx, "GET", ".json")
    if field(account, "type") == "Trial" then
        warnings[#warnings + 1] = "This is a trial account: it sends to verified numbers only."
    end
    if field(account, "status") and account.status ~= "active" then
        return refuse("config_invalid", "The account at Twilio is " .. tostring(account.status) .. ".")
    end
    return { ok = true, warnings = panel.array(warnings) }
end

local function normalize_destination(ctx, req)
    local number, problem = phone.normalize(req.raw, req.country or ctx.config.default_country)
    if not number then return refuse("invalid_request", problem, { outcome = "not_sent" }) end
    return { ok = true, destination = number, hint = phone.hint(number) }
end

local function message_form(ctx, req)
    local before, after = messages.around(req.locale, req.brand, req.ttl_s)
    local form = {
        To = req.destination,
        Body = ctx.http.text { before, req.code, after },
        -- A code that arrives after its time only confuses.
        ValidityPeriod = math.max(1, math.min(req.ttl_s, 14400)),
    }
    local sender = ctx.config.from
    if sender:find("^MG%x+$") and #sender == 34 then form.MessagingServiceSid = sender else form.From = sender end
    return form
end

local function deliver_code(ctx, req)
    local message, failed, answer = call(ctx, "POST", "/Messages.json", message_form(ctx, req))
    if not message then
        if RECEIVER[field(answer, "code")] then return { ok = true, status = "rejected", channel = "sms" } end
        return failed
    end
    local status = field(message, "status")
    local lost = status == "failed" or status == "undelivered" or status == "canceled"
    return { ok = true, status = lost and "rejected" or "accepted", delivery_id = field(message, "sid"), channel = "sms" }
end

return {
    validate_config = validate_config,
    normalize_destination = normalize_destination,
    deliver_code = deliver_code,
}
