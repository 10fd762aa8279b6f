-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: table.concat with ranges at the ends of the integers, whose counter would wrap around.
-- Expect: completed
-- Result: {"refused": 3, "one": "x"}
local refused = 0
for _, range in ipairs { { 1, math.maxinteger }, { math.mininteger, math.maxinteger }, { math.maxinteger - 1, math.maxinteger } } do
    if not pcall(table.concat, { "x" }, "", range[1], range[2]) then refused = refused + 1 end
end
return { refused = refused, one = table.concat({ [math.maxinteger] = "x" }, "", math.maxinteger, math.maxinteger) }
