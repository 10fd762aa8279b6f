-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a __concat metamethod that grows the stack while luaV_concat holds a pointer into it (wrong results and use after free in Debian's 5.4.4).
-- Expect: error
-- Message: __concat is not available
local function grow(n) if n > 0 then return grow(n - 1), n end return 0 end
local t = setmetatable({}, { __concat = function() grow(2000) return "x" end })
return "a" .. "b" .. t .. "c" .. "d"
