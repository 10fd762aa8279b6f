-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: makes a table weak after setmetatable has looked, and checks whether entries vanish.
-- Expect: completed
-- Result: {"left": 1000}
local meta = {}
local t = setmetatable({}, meta)
meta.__mode = "kv"
rawset(getmetatable(t), "__mode", "kv")
for i = 1, 1000 do t[i] = {} end
for i = 1, 50000 do local _ = { i } end
local left = 0
for _ in pairs(t) do left = left + 1 end
return { left = left }
