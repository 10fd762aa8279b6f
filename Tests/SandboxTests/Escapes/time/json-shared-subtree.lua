-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a table that holds itself 32 times a level, 16 levels: a few hundred cells that print as 2^80 (the "billion laughs" of JSON).
-- Expect: killed_soft
local ctx = ...
local node = {}
for _ = 1, 16 do
    local outer = {}
    for i = 1, 32 do outer[i] = node end
    node = outer
end
while true do pcall(ctx.json.encode, node) end
