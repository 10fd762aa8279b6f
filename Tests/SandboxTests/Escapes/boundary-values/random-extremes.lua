-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: math.random over the whole range of integers, empty ranges and wrong counts; a naive modulus divides by zero.
-- Expect: completed
-- Result: {"refused": 3, "inside": true}
local refused = 0
for _, range in ipairs { { 2, 1 }, { math.maxinteger, math.mininteger }, { 1, 2, 3 } } do
    if not pcall(math.random, table.unpack(range)) then refused = refused + 1 end
end
local inside = true
for _ = 1, 1000 do
    math.random(math.mininteger, math.maxinteger)
    local n = math.random(math.maxinteger - 1, math.maxinteger)
    inside = inside and n >= math.maxinteger - 1 and math.random(0) ~= nil and math.random() < 1
end
return { refused = refused, inside = inside }
