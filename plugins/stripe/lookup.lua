-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors

--- Finds a payment or a refund whose identifier at Stripe is not known, because the answer to its creation was lost.
--- "Not found" is said only when it is certain: the host closes the payment on that word.
local api = require "api"
local intents = require "intents"

local field = api.field
local lookup = {}

-- A hundred payment intents can be more than one answer may hold.
local PAGE = 50
-- Leaves room within the manifest's limit of HTTP calls for the search and the fetch at the end.
local MAX_PAGES = 12
-- Clocks differ a little, and a request may lie in a queue.
local MARGIN_S = 3600

-- The second in which the host made a UUID of version 7, or nil for another kind of identifier.
local function made_at(uuid)
    local high, low = uuid:match("^(%x%x%x%x%x%x%x%x)%-(%x%x%x%x)%-7")
    if not high then return nil end
    return tonumber(high .. low, 16) // 1000
end

local function uncertain(what)
    return api.refuse("limit_exceeded", what, { retryable = true, outcome = "unknown" })
end

-- Whether a page of a list that runs from new to old has gone past the time at which the wanted one was made.
local function is_past(page, since)
    local first, last = page[1], page[#page]
    if not since or not first then return false end
    return first.created > last.created and last.created < since
end

-- Walks a list page by page. Returns the first object that `wanted` says yes to; or nil and whether the walk proved
-- that there is none; or nil, nil and a failed result.
local function walk(ctx, path, query, since, wanted)
    query.limit = PAGE
    for _ = 1, MAX_PAGES do
        local list, failed = api.object(ctx, "GET", path, query)
        if not list then return nil, nil, failed end
        local page = field(list, "data") or {}
        for _, object in ipairs(page) do
            if wanted(object) then return object end
        end
        if not field(list, "has_more") or #page == 0 then return nil, true end
        if is_past(page, since) then return nil, true end
        query.starting_after = page[#page].id
    end
    return nil, false
end

-- Stripe's search is behind by up to a minute, so that it can find what is there but cannot prove what is not.
local function search(ctx, payment_id)
    local found = api.object(ctx, "GET", "payment_intents/search", { query = "metadata['payment_id']:'" .. payment_id .. "'" })
    local first = (field(found, "data") or {})[1]
    if field(field(first, "metadata"), "payment_id") == payment_id then return first end
    return nil
end

--- The payment intent of a payment of ours, or nil and the failed result.
function lookup.payment(ctx, req)
    local function wanted(intent)
        local metadata = field(intent, "metadata")
        if field(metadata, "payment_id") ~= req.payment_id then return false end
        return field(metadata, "merchant_reference") == req.merchant_reference
    end
    local made = made_at(req.payment_id)
    local found, certain, failed = walk(ctx, "payment_intents", {}, made and made - MARGIN_S, wanted)
    if failed then return nil, failed end
    if not found and not certain then found = search(ctx, req.payment_id) end
    if not found then
        if certain then return nil, api.refuse("not_found", "Stripe has no payment with this reference.") end
        return nil, uncertain("The payment is not among the newest ones at Stripe.")
    end
    -- The list holds identifiers where a result wants the charge and the card.
    return api.object(ctx, "GET", "payment_intents/" .. found.id, { expand = intents.EXPAND })
end

--- The refund of a refund of ours, or nil and the failed result.
function lookup.refund(ctx, req)
    local function wanted(refund) return field(field(refund, "metadata"), "refund_id") == req.refund_id end
    local found, certain, failed = walk(ctx, "refunds", { payment_intent = req.provider_payment_id }, nil, wanted)
    if failed then return nil, failed end
    if found then return found end
    if certain then return nil, api.refuse("not_found", "Stripe has no refund with this reference.") end
    return nil, uncertain("The refund is not among the newest ones of this payment.")
end

return lookup
