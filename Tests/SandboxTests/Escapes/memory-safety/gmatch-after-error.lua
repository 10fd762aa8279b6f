-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a gmatch iterator that raised "pattern too complex" is called again and again: its counter of levels was not reset, and it recurses without bound.
-- Expect: completed
-- Result: {"crashed": false}
local step = (("x"):rep(250000)):gmatch(("x?"):rep(220) .. "(x-)%1y")
for _ = 1, 3 do
    for _ = 1, 300 do
        local ok = pcall(step)
        if ok then break end
    end
end
local other = (("a"):rep(1000)):gmatch(("(a?)"):rep(31) .. "%")
for _ = 1, 1000 do pcall(other) end
return { crashed = false }
