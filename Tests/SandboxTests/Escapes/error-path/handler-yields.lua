-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: yields and makes host calls from inside a message handler, where no continuation exists.
-- Expect: completed
-- Result: {"yield": true, "call": true}
local ctx = ...
local result = {}
local co = coroutine.wrap(function()
    local _, ok = xpcall(error, function() return (pcall(coroutine.yield, 1)) end, "x")
    result.yield = ok
end)
co()
co()
local _, ok = xpcall(error, function() return (pcall(ctx.random.bytes, 8)) end, "x")
result.call = ok
return result
