-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
print(1 < 1.5, 1 <= 1.0, 2 > 1.999, 1 == 1.0, "a" < "b", "a" < "B", "" < "a", "a" < "aa", "Z" < "a", "10" < "9")
print(math.maxinteger < math.huge, math.mininteger > -math.huge, math.maxinteger + 0.0 == 2 ^ 63, math.maxinteger < 2 ^ 63)
print(math.maxinteger == 2 ^ 63, math.mininteger == -(2 ^ 63), 2 ^ 53 == 2 ^ 53 + 1, (1 << 53) + 1 == 2 ^ 53)
print((1 << 53) + 1 > 2 ^ 53, (1 << 53) + 1 < 2 ^ 53 + 2, 0 / 0 < 1, 0 / 0 > 1, 0 / 0 == 0 / 0, 1 ~= 0 / 0)
print(1 == "1", "1" == 1, nil == false, {} == {}, print == print, "x" .. 1 == "x1")
print(pcall(function() return 1 < "2" end)) print(pcall(function() return {} < {} end)) print(pcall(function() return nil < 1 end))
print(pcall(function() return "a" < 1 end)) print(pcall(function() return print < print end)) print(pcall(function() local t = {} return t <= 1 end))
print("a\0b" < "a\0c", "a\0b" == "a\0b", "a" < "a\0", #"a\0b")
local t = { 3, 1.5, -2, 2 ^ 53, math.mininteger, 1e308, 0 }
table.sort(t) for i = 1, #t do print(t[i]) end
print(not nil, not 0, not "", nil and 1, false or nil, 1 and 2, nil or "x", false == nil)
