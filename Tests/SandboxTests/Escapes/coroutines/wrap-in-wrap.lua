-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a hundred coroutine.wrap inside one another, each yielding through all others.
-- Expect: error
local f = function() while true do coroutine.yield(1) end end
for _ = 1, 100 do
    local inner = f
    f = coroutine.wrap(function() while true do coroutine.yield(inner()) end end)
end
return { first = f() }
