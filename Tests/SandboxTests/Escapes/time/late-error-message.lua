-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: raises an error whose value is a table of 30,000 members at the last moment: describing it takes time that no limit counts.
-- Expect: error
local t = {}
for i = 1, 20000 do t[i] = i end
error(t)
