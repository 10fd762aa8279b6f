-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: uses fresh megabyte strings as keys: each is hashed and compared whole, inside one instruction.
-- Expect: killed_soft
local big, t = ("x"):rep(400000), {}
for i = 1, math.huge do
    local key = big .. i
    t[key] = nil
    if t[key] then return end
end
