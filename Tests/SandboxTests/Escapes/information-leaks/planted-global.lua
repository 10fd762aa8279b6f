-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: plants a global for the next invocation, and looks for one that an earlier invocation planted.
-- Expect: completed
-- Runs: 2
-- Result: {"found": "nil"}
local found = tostring(rawget(_G, "planted"))
planted = "mine"
_G.tostring = function() return "stolen" end
return { found = found }
