-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: __len and __index that give the table functions other answers each time (stock 5.4's table.unpack and concat trust them).
-- Expect: completed
local calls = 0
local t = setmetatable({}, { __len = function() calls = calls + 1 return calls * 1000000 end, __index = function(_, i) return i end })
local fine = 0
for _, f in ipairs { table.insert, table.remove, table.sort, table.concat, table.unpack } do
    if not pcall(f, t) then fine = fine + 1 end
end
return { refused = fine }
