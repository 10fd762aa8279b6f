-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a __concat metamethod that grows the stack under luaV_concat (use after free in Debian's 5.4.4).
-- Expect: error
-- Message: __concat is not available
setmetatable({}, { __concat = function() return "x" end })
