-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: reaches for what was not granted, by index, rawget, pairs and with pcall around, to find a way past the refusal.
-- Expect: completed
-- Result: {"reached": 0}
local ctx = ...
local reached = 0
for _, name in ipairs { "ledger", "money_out", "admin", "fs", "exec" } do
    if pcall(function() assert(ctx[name]) end) then reached = reached + 1 end
    if rawget(ctx, name) then reached = reached + 1 end
    for key in pairs(ctx) do if key == name then reached = reached + 1 end end
end
return { reached = reached }
