-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: calls every reachable function without arguments and with a value of each type; all that fails must fail as a Lua error.
-- Expect: completed
local ctx = ...
local values = { nil, true, 1, -1, 1.5, math.huge, math.mininteger, "", "x", "%", {}, print, coroutine.create(print), ctx, ctx.secret.api_key }
local count = 0
local function try(f)
    pcall(f)
    for i = 1, 15 do
        for j = 1, 15 do
            pcall(f, values[i], values[j], values[(i + j) % 15 + 1])
            count = count + 1
        end
    end
end
local skip = { [pcall] = true, [xpcall] = true, [print] = true, [require] = true, [coroutine.wrap] = true }
pcall(function() skip[ctx.crypto.hmac] = true end)
pcall(function() skip[ctx.crypto.hash] = true end)
for _, library in ipairs { string, table, math, utf8, coroutine, ctx.json, ctx.crypto, ctx.clock, panel } do
    for _, f in pairs(library) do
        if type(f) == "function" and not skip[f] then try(f) end
    end
end
return { calls = count }
