-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: __metatable that is the real thing of another table, so that getmetatable hands it out.
-- Expect: completed
-- Result: {"same": true, "string": "nil"}
local inner = {}
local t = setmetatable({}, { __metatable = inner })
getmetatable(t).__gc = 1
return { same = rawequal(getmetatable(t), inner), string = type(rawget(inner, "__index")) }
