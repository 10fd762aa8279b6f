-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: chains of 1,999 __index tables, just below Lua's own limit of 2,000, walked for ever.
-- Expect: killed_soft
local t = {}
for _ = 1, 1990 do t = setmetatable({}, { __index = t }) end
while true do local _ = t.absent end
