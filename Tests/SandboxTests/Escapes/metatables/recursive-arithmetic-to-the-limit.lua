-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: metamethods that call one another through operators without pcall, until the C stack of the interpreter ends.
-- Expect: error
local a, b = {}, {}
setmetatable(a, { __add = function(x, y) return y * x end })
setmetatable(b, { __mul = function(x, y) return y + x end })
return a + b
