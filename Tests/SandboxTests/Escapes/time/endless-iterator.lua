-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: walks an iterator that never ends, made by __pairs.
-- Expect: killed_soft
-- Message: CPU time
local endless = setmetatable({}, { __pairs = function() return function() return 1, 1 end end })
for _ in pairs(endless) do end
