-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: table.unpack with ranges that overflow an int (Redis, CVE-2025-46817): too few slots are reserved and too many are written.
-- Expect: completed
-- Result: {"refused": 8, "empty": 0}
local refused = 0
for _, range in ipairs {
    { 0, math.maxinteger }, { math.mininteger, math.maxinteger }, { math.mininteger, -1 }, { 1, 1 << 31 }, { 1, (1 << 32) + 1 },
    { -(1 << 31), 1 << 31 }, { 1, 1000000 }, { math.maxinteger - 8000, math.maxinteger },
} do
    if not pcall(table.unpack, {}, range[1], range[2]) then refused = refused + 1 end
end
return { refused = refused, empty = select("#", table.unpack({}, math.maxinteger, math.mininteger)) }
