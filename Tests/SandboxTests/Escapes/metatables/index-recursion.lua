-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: __index that reads the same table; each level is a C frame.
-- Expect: killed_soft
local t
t = setmetatable({}, { __index = function(_, k) return t[k .. k] end })
return t.x
