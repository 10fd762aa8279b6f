-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: counts to infinity with a step that never changes the counter (2^53 + 1 == 2^53).
-- Expect: killed_soft
-- Message: CPU time
local n = 0
for _ = 2.0 ^ 53, math.huge do n = n + 1 end
return n
