-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: calls a gmatch iterator again after it raised an error: its counter of recursion is not reset (unbounded C recursion in Lua 5.4).
-- Expect: completed
-- Result: {"survived": true}
local step = (("a"):rep(300000)):gmatch(("a?"):rep(1000) .. "(a*)%")
for _ = 1, 1000 do pcall(step) end
local nested = (("x"):rep(100)):gmatch(("(x?"):rep(40))
for _ = 1, 1000 do pcall(nested) end
return { survived = true }
