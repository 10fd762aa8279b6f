-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: 16 MiB in 1,000 strings of 16 KiB: no single one is large enough to be refused.
-- Expect: killed_soft
-- Message: not enough memory
local t = {}
for i = 1, 1000 do t[i] = ("x"):rep(16000) .. i end
return #t
