-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: millions of closures that each hold an upvalue of their own.
-- Expect: killed_soft
-- Message: not enough memory
local t = {}
for i = 1, math.huge do t[i] = function() i = i + 1 return i end end
