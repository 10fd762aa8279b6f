-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: resumes, inspects and closes coroutines that were closed or that failed, whose stacks were reset.
-- Expect: completed
-- Result: {"dead": 4}
local dead = 0
local function try(co)
    coroutine.close(co)
    coroutine.close(co)
    if not coroutine.resume(co) then dead = dead + 1 end
    if coroutine.status(co) == "dead" then dead = dead + 1 end
end
local suspended = coroutine.create(function(...) local a, b, c = ... coroutine.yield(a) return b, c end)
coroutine.resume(suspended, {}, {}, {})
try(suspended)
local failed = coroutine.create(function() local t = {} error(t) end)
coroutine.resume(failed)
try(failed)
return { dead = dead }
