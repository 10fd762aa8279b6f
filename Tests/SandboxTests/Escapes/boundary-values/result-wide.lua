-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: returns 100,000 elements.
-- Expect: error
-- Message: 10000
local t = {}
for i = 1, 60000 do t[i] = 0 end
return t
