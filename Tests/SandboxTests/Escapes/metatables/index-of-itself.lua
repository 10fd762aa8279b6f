-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a table that is its own __index and __newindex.
-- Expect: error
-- Message: loop
local t = {}
setmetatable(t, { __index = t, __newindex = t })
pcall(function() t.x = 1 end)
return t.absent
