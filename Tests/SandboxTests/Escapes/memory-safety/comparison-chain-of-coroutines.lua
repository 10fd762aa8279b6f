-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: yields inside a comparison inside a concatenation inside a call, and resumes while the stack has been moved.
-- Expect: completed
-- Result: {"text": "truefalse1"}
local meta = { __lt = function() coroutine.yield() return true end, __le = function() coroutine.yield() return false end,
    __index = function() coroutine.yield() return 1 end }
local a, b = setmetatable({}, meta), setmetatable({}, meta)
local co = coroutine.create(function()
    local function grow(n) if n == 0 then return tostring(a < b) .. tostring(a <= b) .. a.x end return (grow(n - 1)) end
    return grow(100)
end)
local ok, text
repeat
    ok, text = coroutine.resume(co)
    for _ = 1, 100 do local _ = { ok } end
until coroutine.status(co) == "dead"
return { text = text }
