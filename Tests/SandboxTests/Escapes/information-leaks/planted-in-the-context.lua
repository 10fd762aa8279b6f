-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: fills the caches behind ctx, so that the next invocation finds this one's request and configuration.
-- Expect: completed
-- Runs: 2
-- Result: {"clean": true}
local ctx = ...
local clean = not pcall(function() return ctx.planted end)
pcall(rawset, ctx, "planted", 1)
pcall(rawset, ctx.config, "planted", 1)
for _, t in ipairs { ctx, ctx.config, ctx.secret } do
    local _, state, key = pairs(t)
    pcall(rawset, state, "planted", { key })
end
return { clean = clean and ctx.config.planted == nil }
