-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: adds __gc to the metatable after setmetatable has looked at it, then sets it again and makes garbage.
-- Expect: completed
-- Result: {"ran": false}
local ran = false
local meta = { __index = function() end }
local t = setmetatable({}, meta)
meta.__gc = function() ran = true end
rawset(meta, "__gc", meta.__gc)
pcall(setmetatable, t, meta)
t = nil
for i = 1, 20000 do local _ = { i } end
return { ran = ran }
