-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: uses thousands of metatables as metatables of one another, so that each new event runs through all of them.
-- Expect: error
local last = {}
for _ = 1, 5000 do
    local next = setmetatable({}, last)
    last.__index = next
    last = next
end
for i = 1, 100 do last["k" .. i] = i end
return { done = last.absent == nil }
