-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: plants state and dies inside C, where the state is left by force in the middle of whatever it did.
-- Expect: killed_hard | killed_soft
-- Runs: 2
if rawget(_G, "planted") or string.planted then error("state was left over") end
planted, string.planted = {}, true
local step = (1 << 15) - 1
for i = 1, 65000 do planted[i * step] = true end
