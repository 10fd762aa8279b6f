-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: keeps state in the locals of a module, which live as long as the module is cached by require.
-- Expect: completed
-- Runs: 2
-- Result: {"clean": true}
local clean = rawget(_G, "counter") == nil
local count = 0
function counter() count = count + 1 return count end
counter()
coroutine.planted = coroutine.wrap(function() while true do coroutine.yield(count) end end)
return { clean = clean and (coroutine.planted() == 1) }
