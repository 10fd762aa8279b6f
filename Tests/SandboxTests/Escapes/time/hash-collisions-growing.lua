-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: keys that are multiples of 2^15 - 1 share one chain, so that a single rehash compares 16,384 keys with each other in C, where no hook fires (Crosby and Wallach, 2003).
-- Expect: killed_hard | killed_soft
-- Message: CPU time
local t, step = {}, (1 << 15) - 1
for i = 1, 65000 do t[i * step] = true end
