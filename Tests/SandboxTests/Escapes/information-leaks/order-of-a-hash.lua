-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: the order of pairs over tables and strings shows addresses and the seed of the hash; it must at least be no one else's and the same each time.
-- Expect: completed
-- Runs: 2
local ctx = ...
local order, names = {}, {}
for i = 1, 16 do names["name" .. i] = i end
for name in pairs(names) do order[#order + 1] = name end
return { count = #order }
