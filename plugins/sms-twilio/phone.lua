-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors

--- Reads telephone numbers as people write them and makes E.164 of them.
local countries = require "countries"

local phone = {}

-- E.164 allows fifteen digits; no mobile number anywhere has fewer than eight with its calling code.
local SHORTEST, LONGEST = 8, 15

local function international(digits)
    if #digits < SHORTEST or #digits > LONGEST then return nil, "A telephone number has 8 to 15 digits with its country code." end
    if digits:sub(1, 1) == "0" then return nil, "No country code starts with 0." end
    return "+" .. digits
end

--- The number in E.164, or nil and what is wrong with it.
function phone.normalize(raw, country)
    -- What people put between digits: blanks, the no-break space, hyphens, dots, slashes, brackets.
    local text = raw:gsub("\xC2\xA0", ""):gsub("[%s%-%./()]", "")
    if text:sub(1, 2) == "00" then text = "+" .. text:sub(3) end
    local digits = text:match("^%+?(%d+)$")
    if not digits then return nil, "A telephone number is written with digits, and + before the country code." end
    if text:sub(1, 1) == "+" then return international(digits) end

    local rules = countries[country or ""]
    if not rules then return nil, "Write the number with + and the country code, for example +4915112345678." end
    local trunk = rules.trunk
    if trunk and digits:sub(1, #trunk) == trunk then digits = digits:sub(#trunk + 1) end
    return international(rules.code .. digits)
end

--- What may be shown of a number: enough to know one's own.
function phone.hint(number)
    return "••• " .. number:sub(-2)
end

return phone
