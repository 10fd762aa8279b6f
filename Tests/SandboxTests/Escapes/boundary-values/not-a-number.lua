-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: NaN in comparisons, as key, in tostring, sort and conversions; -nan shows a sign bit of the machine.
-- Expect: completed
-- Result: {"key": false, "integer": "nil", "sorted": true, "text": true}
local nan = 0 / 0
local t = { nan, 1, -nan, 2, nan }
table.sort(t)
local text = tostring(nan):gsub("^-", "")
return { key = (pcall(function() t[nan] = 1 end)), integer = tostring(math.tointeger(nan)), sorted = #t == 5, text = text == "nan" }
