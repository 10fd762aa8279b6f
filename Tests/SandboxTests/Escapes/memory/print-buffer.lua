-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: prints thousands of long values in one call: the line is built inside C.
-- Expect: killed_soft
local t, long = {}, ("x"):rep(200000)
for i = 1, 7000 do t[i] = long end
while true do print(table.unpack(t)) end
