-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors

--- Converts between the panel's minor units (ISO 4217) and the integers that Stripe counts in.
--- They are the same but for the currencies below; see https://docs.stripe.com/currencies.
local money = {}

-- ISO 4217 has no decimals here, Stripe counts in hundredths.
local HUNDREDFOLD = { ISK = true, UGX = true }

-- ISO 4217 has two decimals here, Stripe counts in whole units.
local WHOLE = { MGA = true }

-- Stripe takes three decimals here, but the last one must be zero.
local TENS = { BHD = true, JOD = true, KWD = true, OMR = true, TND = true }

--- The integer that Stripe wants, or nil and why this amount cannot be asked of Stripe.
function money.to_stripe(amount)
    local minor, currency = amount.amount_minor, amount.currency
    if HUNDREDFOLD[currency] then return minor * 100 end
    if WHOLE[currency] then
        if minor % 100 ~= 0 then return nil, "Stripe takes " .. currency .. " in whole units only." end
        return minor // 100
    end
    if TENS[currency] and minor % 10 ~= 0 then
        return nil, "Stripe takes " .. currency .. " with a last decimal of zero only."
    end
    return minor
end

--- The minor units of an integer of Stripe's. `currency` as Stripe writes it, in lower case.
function money.minor(stripe_amount, currency)
    local code = currency:upper()
    if HUNDREDFOLD[code] then return stripe_amount // 100 end
    if WHOLE[code] then return stripe_amount * 100 end
    return stripe_amount
end

--- A Money value of an integer of Stripe's.
function money.from_stripe(stripe_amount, currency)
    return { amount_minor = money.minor(stripe_amount, currency), currency = currency:upper() }
end

return money
