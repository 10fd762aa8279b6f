-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: __newindex that assigns to the same table, recursion through C.
-- Expect: error
local t
t = setmetatable({}, { __newindex = function(_, k, v) t[k] = v end })
t.x = 1
