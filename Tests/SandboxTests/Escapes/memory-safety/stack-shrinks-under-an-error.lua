-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: an error with a stack that has just grown to its limit, caught where it must shrink again (CVE-2020-15888, heap overflow between luaD_shrinkstack and luaT_adjustvarargs).
-- Expect: completed
local function varargs(...) return select("#", ...) end
local function grow(n, ...)
    if n == 0 then error({ ... }) end
    return varargs(grow(n - 1, n, ...))
end
for n = 10, 200, 10 do
    pcall(grow, n)
    for _ = 1, 50 do local _ = { n } end
    varargs(table.unpack({ 1, 2, 3 }, 1, n))
end
return { done = true }
