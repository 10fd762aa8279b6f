-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a weak table, from which the collector takes entries while C code holds them.
-- Expect: completed
-- Result: {"left": 100}
local t = setmetatable({}, { __mode = "kv" })
for i = 1, 100 do t[i] = {} end
for i = 1, 50000 do local _ = { i } end
return { left = #t }
