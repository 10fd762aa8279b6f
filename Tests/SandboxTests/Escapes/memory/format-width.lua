-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: many items of the largest width in one format: an expansion of 50 times in C.
-- Expect: killed_soft
local format, zeros = ("%99d"):rep(7000), {}
for i = 1, 7000 do zeros[i] = 0 end
while true do string.format(format, table.unpack(zeros)) end
