-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: changes the metatable of all strings, so that another user's code runs the attacker's (Redis, CVE-2025-46818).
-- Expect: completed
-- Result: {"visible": false, "changed": false, "runs": false}
local meta = getmetatable("")
local changed = pcall(setmetatable, "", { __index = function() return "stolen" end })
local runs = pcall(function() getmetatable("").__add = function() return 1 end end)
return { visible = type(meta) == "table", changed = changed, runs = runs }
