-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
local function range(n) local i = 0 return function() i = i + 1 if i <= n then return i, i * i end end end
for i, square in range(4) do print(i, square) end
local function stateless(limit, i) i = i + 1 if i <= limit then return i end end
for i in stateless, 3, 0 do print(i) end
for k, v in next, { "a", "b" } do print(k, v) end
for i, v in ipairs { 10, 20, nil, 40 } do print(i, v) end
local keys = {}
for k in pairs { x = 1, y = 2, [1] = "one", [2.5] = 0 } do keys[#keys + 1] = tostring(k) end
table.sort(keys) print(table.concat(keys, " "))
print(pcall(function() for x in 5 do end end)) print(pcall(function() for x in nil do end end)) print(pcall(function() for x in {} do end end))
print(pcall(function() for k, v in pairs(nil) do end end)) print(pcall(function() for k in pairs() do end end))
local t = { a = 1, b = 2, c = 3 }
for k in pairs(t) do t[k] = nil end
print(next(t))
for w, i in ("a b c"):gmatch("%a()") do print(w, i) end
print(pcall(next, {}, "missing"))
local callable = setmetatable({}, { __call = function(self, s, c) c = (c or 0) + 1 if c < 3 then return c end end })
for i in callable do print("called", i) end
for a, b, c, d in function(s, c) if not c then return 1, 2, 3 end end do print(a, b, c, d) end
local seen = 0 for _ in pairs({}) do seen = seen + 1 end print(seen)
print(ipairs({})  ~= nil, select("#", ipairs({})), select("#", pairs({})))
