-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
for i = 1, 3 do print(i) end
for i = 3, 1, -1 do print(i) end
for i = 1, 0 do print("never") end
for i = 1.0, 2 do print(i) end
for i = 1, 2.9 do print(i) end
for i = 1, 2, 0.5 do print(i) end
for i = math.maxinteger - 1, math.maxinteger do print(i) end
for i = math.mininteger + 1, math.mininteger, -1 do print(i) end
for i = 1, math.huge do if i > 3 then break end print(i) end
for i = 1, -math.huge, -1 do if i < -1 then break end print(i) end
for i = 3, 2.5 do print("never") end
for i = -1, -3.5, -1 do print(i) end
print(pcall(function() for i = 1, 10, 0 do end end)) print(pcall(function() for i = "a", 2 do end end))
print(pcall(function() for i = 1, {} do end end)) print(pcall(function() for i = 1, 2, "x" do end end)) print(pcall(function() for i = 1.5, 2, 0.0 do end end))
for i = 1, 3 do local j = i i = i * 10 print(i, j) end
local n = 0 for i = 1, 1e3 do n = n + i end print(n)
for i = math.maxinteger - 2, math.maxinteger, 2 do print(i) end
for i = 0, 1, 1 << 62 do print(i) end
for i = "1", 2 do print(i) break end
