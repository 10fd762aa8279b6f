-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: numerals of a megabyte: digits, hexadecimal digits, exponents, spaces.
-- Expect: completed
local n, count = 900000, 0
for _, part in ipairs { { "", "1" }, { "0x", "1" }, { "1e", "1" }, { "0x1p", "1" }, { "1", " " }, { ".", "1" }, { "-", "1" }, { "1e-", "1" }, { "0x.", "f" } } do
    if tonumber(part[1] .. part[2]:rep(n)) then count = count + 1 end
end
return { count = count }
