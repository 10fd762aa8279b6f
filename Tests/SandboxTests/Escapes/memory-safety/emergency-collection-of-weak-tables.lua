-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a weak metatable, a __newindex table and the memory limit's own emergency collection: use after free in stock 5.4.4 to 5.4.8.
-- Expect: completed | killed_soft
local meta = setmetatable({}, { __mode = "k" })
local keep = {}
for i = 1, 100000 do
    local t = setmetatable({}, meta)
    meta.__newindex = {}
    t[i] = {}
    keep[i % 3000] = t
end
return { done = true }
