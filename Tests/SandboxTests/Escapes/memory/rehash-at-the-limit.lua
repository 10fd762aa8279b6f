-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: lets a table double exactly when memory ends, and goes on in pcall (a rehash needs old and new block at once).
-- Expect: killed_soft
-- Message: not enough memory
local tables = {}
for i = 1, math.huge do
    tables[i] = {}
    pcall(function() for k = 1, 20000 do tables[i]["k" .. k] = k end end)
end
