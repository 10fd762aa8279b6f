-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors

--- Turns Stripe's objects into the results of the contract: payment intents, charges and refunds.
local api = require "api"
local declines = require "declines"
local money = require "money"

local field = api.field
local intents = {}

--- What to expand, so that one answer holds the charge and the card.
intents.EXPAND = { "latest_charge", "payment_method" }

local PAYMENT_STATUS = {
    processing = "processing",
    requires_action = "requires_action",
    requires_confirmation = "requires_action",
    requires_capture = "authorized",
    succeeded = "succeeded",
}

local function charge_of(intent)
    local charge = field(intent, "latest_charge")
    if type(charge) == "table" then return charge end
    return nil
end

-- What an authorization held and a capture let go. Where Stripe does not say how much was captured, the release
-- stands in the charge's refunds as one that belongs to no payment intent.
local function released(charge)
    local captured = field(charge, "amount_captured")
    if captured then return charge.amount - captured end
    local sum = 0
    for _, refund in ipairs(field(field(charge, "refunds"), "data") or {}) do
        if not field(refund, "payment_intent") then sum = sum + refund.amount end
    end
    return sum
end

-- Captured and refunded so far, in Stripe's integers.
local function totals(charge)
    if not charge or not field(charge, "captured") or field(charge, "status") ~= "succeeded" then return 0, 0 end
    local let_go = released(charge)
    local refunded = field(charge, "amount_refunded") or 0
    -- The released part counts as refunded at Stripe, but nobody ever paid it.
    if refunded >= let_go then refunded = refunded - let_go end
    return charge.amount - let_go, refunded
end

local function card_of(intent)
    local method = field(intent, "payment_method")
    if type(method) ~= "table" then return nil end
    local card = field(method, "card") or {}
    return {
        ref = method.id,
        type = field(method, "type"),
        brand = field(card, "brand"),
        last4 = field(card, "last4"),
        exp_month = field(card, "exp_month"),
        exp_year = field(card, "exp_year"),
    }
end

local function next_action(ctx, intent)
    local redirect = field(field(intent, "next_action"), "redirect_to_url")
    if field(redirect, "url") then return { type = "redirect", url = redirect.url } end
    local token = field(intent, "client_secret")
    -- Nothing to hand over: all that is left is to ask again.
    if not token then return { type = "wait", poll_after_s = 10 } end
    return { type = "client_token", token = token, public_key = ctx.config.publishable_key or "", sdk = "stripe.js" }
end

-- An intent that was made without a card stays open in the payer's browser after a failed try. One that was confirmed
-- by us with the card of the request does not: that try was the payment.
local function stays_open(intent)
    return field(field(intent, "metadata"), "flow") == "client"
end

local function status_of(intent)
    local failed = field(intent, "last_payment_error")
    if intent.status == "requires_payment_method" then
        if failed and not stays_open(intent) then return "declined" end
        return "requires_action"
    elseif intent.status == "canceled" then
        local reason = field(intent, "cancellation_reason")
        if reason == "automatic" or reason == "expired" then return "expired" end
        if failed and not stays_open(intent) then return "declined" end
        return "canceled"
    end
    -- A status that this plugin does not know is not an end: the host asks again.
    return PAYMENT_STATUS[intent.status] or "processing"
end

--- The PaymentResult of a payment intent.
function intents.payment(ctx, intent)
    local charge = charge_of(intent)
    local captured, refunded = totals(charge)
    if math.type(field(intent, "amount_received")) == "integer" then captured = intent.amount_received end

    local result = {
        ok = true,
        status = status_of(intent),
        provider_payment_id = intent.id,
        amount = money.from_stripe(intent.amount, intent.currency),
        captured_minor = money.minor(captured, intent.currency),
        refunded_minor = money.minor(refunded, intent.currency),
        method = card_of(intent),
    }
    if result.status == "requires_action" then result.next_action = next_action(ctx, intent) end
    local failed = field(intent, "last_payment_error")
    if failed and (result.status == "declined" or result.status == "requires_action") then
        result.decline = declines.of(failed)
    end
    return result
end

--- The PaymentResult of a charge, for events that carry no payment intent.
function intents.charged(charge)
    local captured, refunded = totals(charge)
    return {
        status = "succeeded",
        provider_payment_id = charge.payment_intent,
        amount = money.from_stripe(charge.amount, charge.currency),
        captured_minor = money.minor(captured, charge.currency),
        refunded_minor = money.minor(refunded, charge.currency),
    }
end

local REFUND_STATUS = {
    pending = "pending",
    requires_action = "pending",
    succeeded = "succeeded",
    failed = "failed",
    canceled = "canceled",
}

--- The RefundResult of a refund.
function intents.refund(refund)
    local reason = field(refund, "failure_reason")
    return {
        ok = true,
        status = REFUND_STATUS[refund.status] or "pending",
        provider_refund_id = refund.id,
        amount = money.from_stripe(refund.amount, refund.currency),
        failure_reason = api.clip(reason, 100),
    }
end

return intents
