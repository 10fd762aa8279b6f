-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors

--- Turns Stripe's decline codes into the panel's, with the advice that goes with each.
--- The list is https://docs.stripe.com/declines/codes; an unknown code is a plain "card_declined".
local api = require "api"

local declines = {}

local function all(codes, code, advice, into)
    for _, name in ipairs(codes) do into[name] = { code = code, advice = advice } end
end

local MEANING = {}
all({ "insufficient_funds" }, "insufficient_funds", "retry_later", MEANING)
all({ "expired_card", "invalid_expiry_month", "invalid_expiry_year" }, "expired_card", "new_method", MEANING)
all({ "incorrect_number", "invalid_number" }, "invalid_number", "new_method", MEANING)
all({ "incorrect_cvc", "invalid_cvc" }, "invalid_cvc", "retry", MEANING)
all({ "lost_card", "stolen_card", "pickup_card" }, "lost_or_stolen", "do_not_retry", MEANING)
all({ "fraudulent", "merchant_blacklist", "security_violation" }, "suspected_fraud", "do_not_retry", MEANING)
all({ "authentication_required", "offline_pin_required", "online_or_offline_pin_required" },
    "authentication_required", "authenticate", MEANING)
all({ "payment_intent_authentication_failure", "authentication_not_handled" }, "authentication_failed", "authenticate", MEANING)
all({ "card_velocity_exceeded", "withdrawal_count_limit_exceeded", "pin_try_exceeded" }, "limit_exceeded", "retry_later", MEANING)
all({ "currency_not_supported" }, "currency_unsupported", "new_method", MEANING)
all({ "card_not_supported", "service_not_allowed", "transaction_not_allowed", "not_permitted", "restricted_card",
    "invalid_account", "new_account_information_available" }, "method_unsupported", "new_method", MEANING)
all({ "revocation_of_all_authorizations", "revocation_of_authorization", "stop_payment_order" },
    "mandate_revoked", "stop_recurring", MEANING)
all({ "duplicate_transaction" }, "duplicate", "do_not_retry", MEANING)
all({ "do_not_honor", "do_not_try_again", "no_action_taken", "call_issuer" }, "do_not_honor", "new_method", MEANING)
all({ "processing_error", "issuer_not_available", "reenter_transaction", "try_again_later", "approve_with_id" },
    "processing_error", "retry_later", MEANING)
all({ "generic_decline" }, "generic_decline", "new_method", MEANING)

local FALLBACK = { code = "card_declined", advice = "new_method" }

--- The decline of an error object of Stripe's (the body's `error`, or a payment intent's `last_payment_error`).
function declines.of(error)
    local reason = api.field(error, "decline_code") or api.field(error, "code")
    -- "card_declined" is the code of nearly every decline; the reason stands beside it.
    local known = MEANING[reason] or MEANING[api.field(error, "code")] or FALLBACK
    return {
        code = known.code,
        advice = known.advice,
        provider_code = api.clip(reason, 100),
        provider_message = api.clip(api.field(error, "message"), 500),
    }
end

return declines
