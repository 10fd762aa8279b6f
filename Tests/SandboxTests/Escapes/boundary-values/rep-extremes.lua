-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: string.rep with sizes whose product overflows 64 bits, of the empty string, with separators.
-- Expect: completed
-- Result: {"refused": 4, "empty": 0}
local refused = 0
for _, case in ipairs { { "x", 1 << 62, "" }, { ("x"):rep(1 << 16), (1 << 48) + 1, "" }, { "", 1 << 62, "y" }, { "xx", (1 << 63) - 1, "yy" } } do
    if not pcall(string.rep, case[1], case[2], case[3]) then refused = refused + 1 end
end
return { refused = refused, empty = #("").rep("", 1 << 62) + #("x"):rep(math.mininteger) }
