-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: table.move with ranges and targets that wrap around, onto itself, from and to the ends of the integers.
-- Expect: completed
-- Result: {"refused": 5}
local refused = 0
for _, range in ipairs {
    { 1, math.maxinteger, 2 }, { math.mininteger, math.maxinteger, 1 }, { math.mininteger, 0, 1 }, { 1, 2, math.maxinteger }, { 1, 2000000, 3 },
} do
    if not pcall(table.move, { 1, 2 }, range[1], range[2], range[3]) then refused = refused + 1 end
end
table.move({}, math.maxinteger, math.maxinteger, math.mininteger)
table.move({ 1, 2, 3 }, 1, 3, 2)
return { refused = refused }
