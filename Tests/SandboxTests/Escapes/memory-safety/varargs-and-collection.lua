-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: vararg functions called with more arguments than the frame has slots while the collector runs (CVE-2020-15889, CVE-2020-15945).
-- Expect: completed
local function f(...)
    local a, b, c = ...
    local t = { ... }
    return #t > 0 and f2 and f2(...) or a
end
function f2(...) return (select("#", ...)) end
local wide = {}
for i = 1, 250 do wide[i] = {} end
for i = 1, 300 do
    f(table.unpack(wide, 1, i % 250))
    local co = coroutine.wrap(function(...) f(...) coroutine.yield(...) return ... end)
    co(table.unpack(wide, 1, i % 200))
    co()
end
return { done = true }
