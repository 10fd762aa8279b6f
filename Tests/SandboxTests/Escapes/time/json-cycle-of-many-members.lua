-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: an object with thousands of members that holds itself: the names are sorted again on each of 32 levels before the depth is refused.
-- Expect: killed_soft
local ctx = ...
local t = {}
for i = 1, 3500 do t["member" .. i] = i end
t.a = t
while true do pcall(ctx.json.encode, t) end
