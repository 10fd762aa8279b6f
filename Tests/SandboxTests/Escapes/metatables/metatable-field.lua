-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: hides, forges and swaps metatables by __metatable, to be let into a protected one.
-- Expect: completed
-- Result: {"forged": "forged", "changed": false}
local t = setmetatable({}, { __metatable = "forged" })
local changed = pcall(setmetatable, t, {})
return { forged = getmetatable(t), changed = changed }
