-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: patterns that match nothing everywhere, so that the matcher must step on by itself.
-- Expect: completed
-- Result: {"gsub": "-a-b-c-", "count": 4, "steps": 1001}
local steps = 0
for _ in (("x"):rep(1000)):gmatch("y*") do steps = steps + 1 end
local text, count = ("abc"):gsub("x*", "-")
return { gsub = text, count = count, steps = steps }
