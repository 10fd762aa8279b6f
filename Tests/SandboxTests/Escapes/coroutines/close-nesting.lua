-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: thousands of suspended coroutines, each the local variable of the next, closed from one end: coroutine.close recurses on the C stack.
-- Expect: completed
local last
for _ = 1, 2000 do
    local inner = last
    local co = coroutine.create(function()
        local held = inner
        coroutine.yield()
        return held
    end)
    coroutine.resume(co)
    last = co
end
return { closed = coroutine.close(last) }
