-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: 65,000 multiples of 2^17 - 1 as keys, one rehash of 4.5 s in stock Lua 5.4; the cap on a single block has to stop it before.
-- Expect: killed_soft | killed_hard
local t, step = {}, (1 << 17) - 1
for i = 1, 65000 do t[i * step] = true end
