-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
local function gen(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i) end end) end
for i in gen(3) do print(i) end
local function permute(a, n) n = n or #a if n <= 1 then coroutine.yield(table.concat(a)) else for i = 1, n do a[n], a[i] = a[i], a[n] permute(a, n - 1) a[n], a[i] = a[i], a[n] end end end
local all = {} for p in coroutine.wrap(function() permute { "a", "b", "c" } end) do all[#all + 1] = p end table.sort(all) print(table.concat(all, " "))
local function filter(p, g) return coroutine.wrap(function() for x in g do if p(x) then coroutine.yield(x) end end end) end
local function map(f, g) return coroutine.wrap(function() for x in g do coroutine.yield(f(x)) end end) end
for x in map(function(x) return x * x end, filter(function(x) return x % 2 == 0 end, gen(8))) do print(x) end
local function primes() return coroutine.wrap(function() local g = coroutine.wrap(function() for i = 2, 40 do coroutine.yield(i) end end)
    while true do local p = g() if not p or p > 13 then return end coroutine.yield(p) local rest = g g = coroutine.wrap(function() for x in rest do if x % p ~= 0 then coroutine.yield(x) end end end) end end) end
local ps = {} for p in primes() do ps[#ps + 1] = p end print(table.concat(ps, " "))
local tree = { { nil, 1, nil }, 2, { { nil, 3, nil }, 4, nil } }
local function walk(t) if t then walk(t[1]) coroutine.yield(t[2]) walk(t[3]) end end for v in coroutine.wrap(function() walk(tree) end) do io_s = (io_s or "") .. v end print(io_s)
local co = coroutine.wrap(function(...) local args = table.pack(...) while true do args = table.pack(coroutine.yield(args.n, table.unpack(args, 1, args.n))) end end) print(co(1, 2)) print(co()) print(co(nil, nil))
local a = coroutine.wrap(function() local x = 1 while true do x = x + coroutine.yield(x) end end) print(a(), a(5), a(10))
local producer = coroutine.create(function() for _, v in ipairs { "x", "y" } do coroutine.yield(v) end return "end" end)
while true do local ok, v = coroutine.resume(producer) print(ok, v, coroutine.status(producer)) if coroutine.status(producer) == "dead" then break end end
local fib = coroutine.wrap(function() local x, y = 0, 1 while true do coroutine.yield(x) x, y = y, x + y end end) local t = {} for i = 1, 15 do t[i] = fib() end print(table.concat(t, " "))
