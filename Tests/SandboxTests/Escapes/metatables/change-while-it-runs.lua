-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a metamethod that replaces its own metatable, empties it and makes garbage while it runs.
-- Expect: completed
-- Result: {"sum": 5050}
local sum, t = 0, {}
local function index(self, k)
    setmetatable(self, nil)
    for i = 1, 500 do local _ = { i } end
    setmetatable(self, { __index = index })
    return k
end
setmetatable(t, { __index = index })
for i = 1, 100 do sum = sum + t[i] end
return { sum = sum }
