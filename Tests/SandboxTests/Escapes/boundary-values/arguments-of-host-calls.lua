-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: hands every kind of value that cannot leave the cell to a host function: cycles, depth, width, functions, coroutines, itself.
-- Expect: completed
-- Result: {"refused": 8}
local ctx = ...
local refused, cycle, deep, wide = 0, {}, {}, {}
cycle.cycle = cycle
for _ = 1, 1000 do deep = { deep } end
for i = 1, 20000 do wide[i] = i end
for _, value in ipairs { cycle, deep, wide, print, coroutine.create(print), ("x"):rep(300000), { 1, nil, 3, x = 1 }, { [{}] = 1 } } do
    if not pcall(ctx.random.bytes, value) then refused = refused + 1 end
end
return { refused = refused }
