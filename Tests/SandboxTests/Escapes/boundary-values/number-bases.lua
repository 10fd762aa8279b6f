-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: tonumber with bases at and beyond the limits and digits that overflow.
-- Expect: completed
-- Result: {"refused": 6}
local refused = 0
for _, base in ipairs { 0, 1, 37, -1, math.mininteger, 1 << 32 } do
    if not pcall(tonumber, "10", base) then refused = refused + 1 end
end
tonumber(("z"):rep(500000), 36)
tonumber("\0", 10)
tonumber("1\0", 16)
return { refused = refused }
