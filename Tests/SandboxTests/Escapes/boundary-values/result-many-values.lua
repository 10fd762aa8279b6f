-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: returns 8,000 values instead of one.
-- Expect: completed
local t = {}
for i = 1, 7900 do t[i] = i end
return table.unpack(t)
