-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: writes to ctx and to what is in it, by assignment, rawset, setmetatable, table functions and through the iterators.
-- Expect: completed
-- Result: {"written": 0, "a": 1, "first": 1, "y": 1}
local ctx = ...
local written = 0
local function try(f, ...) if pcall(f, ...) then written = written + 1 end end
try(function() ctx.config = { a = 2 } end)
try(function() ctx.config.a = 2 end)
try(function() ctx.config.deep.x.y = 2 end)
try(function() ctx.secret.api_key = "mine" end)
try(function() ctx.http.request = print end)
try(rawset, ctx, "config", { a = 2 })
try(rawset, ctx.config, "a", 2)
try(rawset, ctx.secret, "api_key", "mine")
try(setmetatable, ctx, {})
try(setmetatable, ctx.config, nil)
try(setmetatable, ctx.secret, {})
try(panel.array, ctx.config)
try(table.insert, ctx.config.list, 1, 9)
try(table.remove, ctx.config.list)
try(table.sort, ctx.config.list, function(a, b) return a > b end)
try(table.move, { 9 }, 1, 1, 1, ctx.config.list)
for _, t in ipairs { ctx, ctx.config, ctx.config.deep, ctx.http, ctx.secret, ctx.config.list } do
    local _, state = pairs(t)
    if type(state) == "table" then pcall(rawset, state, "a", 2) pcall(rawset, state, 1, 9) pcall(rawset, state, "config", { a = 2 }) end
    if getmetatable(t) then written = written + 1 end
end
return { written = written, a = ctx.config.a, first = ctx.config.list[1], y = ctx.config.deep.x.y }
