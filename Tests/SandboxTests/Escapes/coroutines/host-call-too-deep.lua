-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a host call from a coroutine that is nested as deep as it can be, inside pcall, sort and gsub.
-- Expect: completed
local ctx = ...
local function down(depth)
    if depth == 0 then
        table.sort({ 1, 2, 3 }, function(x, y) return ctx.random.bytes(1) < ctx.random.bytes(1) end)
        return (("ab"):gsub(".", function() return ctx.random.bytes(1) end))
    end
    return coroutine.wrap(function() return select(2, pcall(down, depth - 1)) end)()
end
return { text = type(down(14)) }
