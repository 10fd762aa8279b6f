-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: asks for the metatable that is really in force and writes __gc into it.
-- Expect: completed
-- Result: {"ran": false}
local ran = false
local t = setmetatable({}, {})
rawset(getmetatable(t), "__gc", function() ran = true end)
t = nil
for i = 1, 20000 do local _ = { i } end
return { ran = ran }
