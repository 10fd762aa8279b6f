-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a coroutine that closes the one that closes it, and itself.
-- Expect: completed
-- Result: {"self": false, "parent": false}
local result = {}
local outer
outer = coroutine.create(function()
    result.self = pcall(coroutine.close, coroutine.running())
    coroutine.resume(coroutine.create(function() result.parent = pcall(coroutine.close, outer) end))
end)
coroutine.resume(outer)
return result
