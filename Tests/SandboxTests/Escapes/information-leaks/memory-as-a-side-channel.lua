-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: measures free memory by allocating until refused: what is left would tell what the host or an earlier call keeps there.
-- Expect: killed_soft
-- Runs: 2
-- Message: not enough memory
local t = {}
for i = 1, math.huge do
    local ok = pcall(string.rep, "x", 10000)
    t[i] = ok and ("x"):rep(10000) .. i
end
