-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: catches the limit in a coroutine in a pcall in a coroutine, and goes on in the outermost.
-- Expect: killed_soft
local function loop() while true do end end
local function layer(inner)
    return function()
        local co = coroutine.create(function() pcall(inner) loop() end)
        pcall(coroutine.resume, co)
        loop()
    end
end
local f = loop
for _ = 1, 10 do f = layer(f) end
f()
