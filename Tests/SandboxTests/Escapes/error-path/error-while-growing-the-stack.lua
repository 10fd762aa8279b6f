-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a recursive runtime error whose message is built while the stack has no room (CVE-2022-33099, Lua 5.4.4 and before).
-- Expect: completed
local function deep(n) return n == 0 and (nil .. "x") or deep(n - 1) + 1 end
local function again(n)
    local ok, message = pcall(deep, n)
    if n > 190 then return message end
    return again(n + 1)
end
local message = again(1)
local co = coroutine.wrap(function() return pcall(again, 1) end)
co()
return { text = type(message) }
