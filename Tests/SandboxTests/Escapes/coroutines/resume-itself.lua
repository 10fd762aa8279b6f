-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a coroutine that resumes itself, its parent, and the main coroutine.
-- Expect: completed
-- Result: {"self": false, "parent": false, "main": false}
local result, main = {}, coroutine.running()
local outer
outer = coroutine.create(function()
    result.self = coroutine.resume(coroutine.running())
    local inner = coroutine.create(function()
        result.parent = coroutine.resume(outer)
        result.main = coroutine.resume(main)
    end)
    coroutine.resume(inner)
end)
coroutine.resume(outer)
return result
