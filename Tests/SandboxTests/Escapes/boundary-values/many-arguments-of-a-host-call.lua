-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: calls host functions with thousands of arguments, each of the largest size.
-- Expect: completed
-- Result: {"many": false, "large": false}
local ctx = ...
local many, large = {}, {}
for i = 1, 5000 do many[i] = i end
for i = 1, 16 do large[i] = ("x"):rep(60000) end
return { many = (pcall(ctx.random.bytes, table.unpack(many))), large = (pcall(ctx.random.bytes, table.unpack(large))) }
