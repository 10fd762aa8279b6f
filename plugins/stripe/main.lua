-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors

--- Card payments through Stripe's PaymentIntents and Refunds API.
local api = require "api"
local declines = require "declines"
local events = require "events"
local intents = require "intents"
local lookup = require "lookup"
local money = require "money"

local function intent_path(id, suffix) return "payment_intents/" .. id .. (suffix or "") end

local function fetch(ctx, id) return api.object(ctx, "GET", intent_path(id), { expand = intents.EXPAND }) end

local function unusable(what)
    return api.refuse("invalid_request", what, { outcome = "not_sent" })
end

-- Nearly every decline names its payment intent; where only the charge is named, the charge knows.
local function declined_intent(ctx, error)
    local intent = api.field(error, "payment_intent")
    if type(intent) == "table" then return intent.id end
    local charge = api.field(error, "charge")
    if not api.is_identifier(charge, "ch_") then return nil end
    local found = api.object(ctx, "GET", "charges/" .. charge)
    return api.field(found, "payment_intent")
end

-- Whether Stripe itself said no: a 402 of anything in between is not a decline.
local function is_decline(reply)
    return reply ~= nil and reply.status == 402 and api.field(reply.body, "error") ~= nil
end

local function declined(ctx, reply, amount)
    local error = api.field(reply.body, "error")
    return {
        ok = true,
        status = "declined",
        provider_payment_id = declined_intent(ctx, error),
        amount = amount,
        captured_minor = 0,
        refunded_minor = 0,
        decline = declines.of(error),
    }
end

-- Metadata of the caller, then ours: the names by which a payment is found again are never the caller's to choose.
local function metadata(ctx, req, flow)
    local fields = {}
    for name, value in pairs(req.metadata or {}) do fields[(name:gsub("[%[%]]", "_"))] = value end
    fields.merchant_reference = req.merchant_reference
    fields.payment_id = req.payment_id
    fields.instance_id = ctx.instance_id
    fields.invoice_number = req.invoice and req.invoice.number or nil
    fields.flow = flow
    return fields
end

-- A card is "pm_…", or "cus_…/pm_…" where it belongs to a customer at Stripe: Stripe wants both then.
local function split_reference(reference)
    local customer, method = reference:match("^(cus_%w+)/([%w_]+)$")
    return method or reference, customer
end

local function creation_form(ctx, req, amount)
    local form = {
        amount = amount,
        currency = req.amount.currency:lower(),
        capture_method = req.capture,
        payment_method_types = { "card" },
        expand = intents.EXPAND,
    }
    local reference = req.source.method_ref
    if not reference then
        form.metadata = metadata(ctx, req, "client")
        return form
    end
    form.metadata = metadata(ctx, req)
    form.payment_method, form.customer = split_reference(reference)
    form.confirm = true
    if req.off_session then form.off_session = true end
    if ctx.config.authentication == "redirect" and not req.off_session then form.return_url = req.return_url end
    return form
end

local function create_payment(ctx, req)
    if req.save_method then
        return api.refuse("unsupported", "This plugin does not save cards.", { outcome = "not_sent" })
    end
    if req.source.kind == "saved" and not req.source.method_ref then
        return unusable("A saved source needs its method_ref.")
    end
    if req.off_session and not req.source.method_ref then
        return unusable("An off-session payment needs a card: source.method_ref is missing.")
    end
    local amount, problem = money.to_stripe(req.amount)
    if not amount then return unusable(problem) end

    local intent, failed, reply = api.object(ctx, "POST", "payment_intents", creation_form(ctx, req, amount))
    if intent then return intents.payment(ctx, intent) end
    if is_decline(reply) then return declined(ctx, reply, req.amount) end
    -- Here something that does not exist is the card or the customer of the request, never the payment.
    if failed.error.code == "not_found" then failed.error.code = "invalid_request" end
    return failed
end

-- The payer's browser still holds the key to a payment that failed: it is closed before it is called declined.
local function close_failed(ctx, intent)
    local id = intent.id
    local canceled = api.object(ctx, "POST", intent_path(id, "/cancel"), { expand = intents.EXPAND })
    if canceled then
        local result = intents.payment(ctx, canceled)
        result.status, result.decline = "declined", declines.of(intent.last_payment_error)
        return result
    end
    local now, failed = fetch(ctx, id)
    if not now then return failed end
    return intents.payment(ctx, now)
end

local function confirm_payment(ctx, req)
    local id = req.provider_payment_id
    if not api.is_identifier(id, "pi_") then return unusable("provider_payment_id is not one of Stripe's.") end
    -- What came back with the payer's browser is only a hint: Stripe is asked.
    local intent, failed = fetch(ctx, id)
    if not intent then return failed end

    if req.method_ref and (intent.status == "requires_payment_method" or intent.status == "requires_confirmation") then
        local method, customer = split_reference(req.method_ref)
        local _, refused = api.object(ctx, "POST", intent_path(id), { payment_method = method, customer = customer })
        if refused then return refused end
        local confirmed, problem, reply = api.object(ctx, "POST", intent_path(id, "/confirm"), { expand = intents.EXPAND })
        if confirmed then return intents.payment(ctx, confirmed) end
        if not is_decline(reply) then return problem end
        intent, failed = fetch(ctx, id)
        if not intent then return failed end
    end
    if intent.status == "requires_payment_method" and api.field(intent, "last_payment_error") then
        return close_failed(ctx, intent)
    end
    return intents.payment(ctx, intent)
end

local function get_payment(ctx, req)
    if req.provider_payment_id then
        if not api.is_identifier(req.provider_payment_id, "pi_") then
            return unusable("provider_payment_id is not one of Stripe's.")
        end
        local intent, failed = fetch(ctx, req.provider_payment_id)
        if not intent then return failed end
        return intents.payment(ctx, intent)
    end
    local intent, failed = lookup.payment(ctx, req)
    if not intent then return failed end
    return intents.payment(ctx, intent)
end

local function capture_payment(ctx, req)
    local id = req.provider_payment_id
    if not api.is_identifier(id, "pi_") then return unusable("provider_payment_id is not one of Stripe's.") end
    local amount, problem = money.to_stripe(req.amount)
    if not amount then return unusable(problem) end

    local intent, failed, reply = api.object(ctx, "POST", intent_path(id, "/capture"),
        { amount_to_capture = amount, expand = intents.EXPAND })
    if intent then return intents.payment(ctx, intent) end
    if not is_decline(reply) and (not reply or reply.status ~= 400) then return failed end
    -- Refused: perhaps because an earlier try went through and its answer was lost.
    local now = fetch(ctx, id)
    if not now then return failed end
    local result = intents.payment(ctx, now)
    if result.status == "succeeded" and result.captured_minor == req.amount.amount_minor then return result end
    if is_decline(reply) and result.status ~= "authorized" then
        result.status, result.decline = "declined", declines.of(api.field(reply.body, "error"))
        return result
    end
    return failed
end

local function cancel_payment(ctx, req)
    local id = req.provider_payment_id
    if not api.is_identifier(id, "pi_") then return unusable("provider_payment_id is not one of Stripe's.") end
    local intent, failed, reply = api.object(ctx, "POST", intent_path(id, "/cancel"), { expand = intents.EXPAND })
    if not intent then
        if not reply or reply.status ~= 400 then return failed end
        intent = fetch(ctx, id)
        if not intent or intent.status ~= "canceled" then return failed end
    end
    local result = intents.payment(ctx, intent)
    result.status, result.decline = "canceled", nil
    return result
end

local function refund_payment(ctx, req)
    local id = req.provider_payment_id
    if not api.is_identifier(id, "pi_") then return unusable("provider_payment_id is not one of Stripe's.") end
    local amount, problem = money.to_stripe(req.amount)
    if not amount then return unusable(problem) end

    local refund, failed = api.object(ctx, "POST", "refunds", {
        payment_intent = id,
        amount = amount,
        metadata = { refund_id = req.refund_id, reason = req.reason, instance_id = ctx.instance_id },
    })
    if not refund then return failed end
    return intents.refund(refund)
end

local function get_refund(ctx, req)
    if req.provider_refund_id then
        if not (api.is_identifier(req.provider_refund_id, "re_") or api.is_identifier(req.provider_refund_id, "pyr_")) then
            return unusable("provider_refund_id is not one of Stripe's.")
        end
        local refund, failed = api.object(ctx, "GET", "refunds/" .. req.provider_refund_id)
        if not refund then return failed end
        return intents.refund(refund)
    end
    if not api.is_identifier(req.provider_payment_id, "pi_") then
        return unusable("provider_payment_id is not one of Stripe's.")
    end
    local refund, failed = lookup.refund(ctx, req)
    if not refund then return failed end
    return intents.refund(refund)
end

local function validate_config(ctx)
    -- The call that every payment needs; nothing at Stripe changes by it.
    local _, failed = api.object(ctx, "GET", "payment_intents", { limit = 1 })
    if failed then return failed end

    local warnings = {}
    local balance = api.object(ctx, "GET", "balance")
    local mode = api.field(balance, "livemode") and "live" or "test"
    if balance and mode == "live" and ctx.mode == "test" then
        return api.refuse("config_invalid", "The secret key is a live key, but this instance is in test mode.")
    elseif balance and mode ~= ctx.mode then
        warnings[#warnings + 1] = "The secret key is a test key: nobody is charged."
    end
    if not ctx.secret.webhook_secret then
        warnings[#warnings + 1] = "No webhook_secret: events from Stripe are refused until it is set."
    end
    if not ctx.config.publishable_key then
        warnings[#warnings + 1] = "No publishable_key: cards that want authentication cannot be finished in the browser."
    end
    -- A restricted key need not see the account, so that this may fail without harm.
    local account = api.object(ctx, "GET", "account")
    return {
        ok = true,
        account_ref = api.field(account, "id"),
        mode = balance and mode or ctx.mode,
        webhook_ok = ctx.secret.webhook_secret ~= nil,
        warnings = panel.array(warnings),
    }
end

return {
    validate_config = validate_config,
    create_payment = create_payment,
    confirm_payment = confirm_payment,
    get_payment = get_payment,
    capture_payment = capture_payment,
    cancel_payment = cancel_payment,
    refund_payment = refund_payment,
    get_refund = get_refund,
    parse_webhook = events.parse,
}
