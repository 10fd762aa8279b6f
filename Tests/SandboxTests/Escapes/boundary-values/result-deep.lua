-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: returns 10,000 tables inside one another: a recursive encoder overflows its stack.
-- Expect: error
-- Message: nested more than 32 levels deep
local t = {}
for _ = 1, 10000 do t = { t } end
return t
