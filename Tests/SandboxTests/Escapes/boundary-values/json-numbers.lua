-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: JSON numbers that overflow, have thousands of digits, leading zeros, no digits or wrong signs.
-- Expect: completed
-- Result: {"accepted": 6}
local ctx = ...
local accepted = 0
for _, text in ipairs {
    "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-0", "1e308", "1e-400", "1e309", "01", "-", "1.", ".1", "+1", "0x1",
    "1e", ("1"):rep(500), "NaN", "Infinity", "--1", "1e+", "",
} do
    if ctx.json.decode(text) then accepted = accepted + 1 end
end
return { accepted = accepted }
