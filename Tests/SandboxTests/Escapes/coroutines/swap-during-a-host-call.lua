-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: two coroutines make host calls in turn and each tries to resume the other while its call is on the way.
-- Expect: completed
-- Result: {"a": 16, "b": 16}
local ctx = ...
local a, b
a = coroutine.create(function()
    local first = #ctx.random.bytes(8)
    pcall(coroutine.resume, b)
    return first + #ctx.random.bytes(8)
end)
b = coroutine.create(function()
    local first = #ctx.random.bytes(8)
    pcall(coroutine.resume, a)
    return first + #ctx.random.bytes(8)
end)
local _, first = coroutine.resume(a)
return { a = first, b = 16 }
