-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: __add, __unm, __eq, __lt, __le, __len, __shl that call themselves through the operator.
-- Expect: completed
local meta = {}
meta.__add = function(a, b) return a + b end
meta.__unm = function(a) return -a end
meta.__eq = function(a, b) return a == b end
meta.__lt = function(a, b) return a < b end
meta.__len = function(a) return #a end
meta.__shl = function(a, b) return a << b end
local function new() return setmetatable({}, meta) end
local caught = 0
for _, f in ipairs {
    function() return new() + new() end, function() return -new() end, function() return new() == new() end,
    function() return new() < new() end, function() return #new() end, function() return new() << 1 end,
} do
    if not pcall(f) then caught = caught + 1 end
end
return { caught = caught }
