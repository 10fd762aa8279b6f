-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: changes the shared mark of panel.array for all tables that carry it.
-- Expect: completed
-- Result: {"meta": "nil", "array": []}
local a, b = panel.array {}, panel.array {}
local meta = getmetatable(a)
if type(meta) == "table" then meta.__index = function() return "stolen" end end
setmetatable(a, { __index = print })
return { meta = type(meta), array = b }
