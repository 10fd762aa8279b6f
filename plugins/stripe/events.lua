-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors

--- Reads the events that Stripe sends. The host has verified the signature before any of this runs.
local api = require "api"
local intents = require "intents"

local field = api.field
local events = {}

local INTENT_TYPES = {
    ["payment_intent.succeeded"] = true,
    ["payment_intent.processing"] = true,
    ["payment_intent.requires_action"] = true,
    ["payment_intent.amount_capturable_updated"] = true,
    ["payment_intent.payment_failed"] = true,
    ["payment_intent.canceled"] = true,
}

local REFUND_TYPES = {
    ["refund.created"] = true,
    ["refund.updated"] = true,
    ["refund.failed"] = true,
    ["charge.refund.updated"] = true,
}

-- One event of the contract. A result within an event says nothing of success or failure of an operation.
local function event(envelope, kind, result, metadata)
    result.ok = nil
    result.provider_event_time_ms = envelope.created * 1000
    return {
        kind = kind,
        event_id = envelope.id,
        provider_payment_id = result.provider_payment_id,
        provider_refund_id = result.provider_refund_id,
        merchant_reference = field(metadata, "merchant_reference"),
        instance_tag = field(metadata, "instance_id"),
        result = result,
        occurred_at_ms = envelope.created * 1000,
    }
end

local function of_refund(envelope, refund)
    local made = event(envelope, "refund", intents.refund(refund), field(refund, "metadata"))
    made.provider_payment_id = field(refund, "payment_intent")
    return made
end

local function list(ctx, envelope, object)
    if INTENT_TYPES[envelope.type] then
        return { event(envelope, "payment", intents.payment(ctx, object), field(object, "metadata")) }
    elseif REFUND_TYPES[envelope.type] then
        return { of_refund(envelope, object) }
    elseif envelope.type == "charge.refunded" and field(object, "payment_intent") then
        return { event(envelope, "payment", intents.charged(object), field(object, "metadata")) }
    end
    return {}
end

--- The events of one verified request; none for a type that this plugin has no use for.
function events.parse(ctx, req)
    local readable, envelope = pcall(ctx.json.decode, req.raw_body)
    if not readable or type(envelope) ~= "table" then
        return api.refuse("invalid_request", "The event is not JSON.")
    end
    local object = field(field(envelope, "data"), "object")
    if type(object) ~= "table" or math.type(field(envelope, "created")) ~= "integer" then
        return api.refuse("invalid_request", "The event has no data.object.")
    end
    return { ok = true, events = panel.array(list(ctx, envelope, object)) }
end

return events
