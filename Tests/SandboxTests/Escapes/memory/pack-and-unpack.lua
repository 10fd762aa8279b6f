-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: table.pack and table.unpack into each other while the list grows.
-- Expect: error
local t = { 1, 2, 3, 4 }
while true do
    local more = table.pack(table.unpack(t))
    for i = 1, #t do more[#more + 1] = i end
    t = more
end
