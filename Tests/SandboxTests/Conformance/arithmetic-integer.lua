-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
print(7 // 2, -7 // 2, 7 // -2, -7 // -2, 7 % 3, -7 % 3, 7 % -3, -7 % -3)
print(math.maxinteger + 1 == math.mininteger, math.mininteger - 1 == math.maxinteger, math.maxinteger * 2)
print(math.mininteger // -1, math.mininteger % -1, -math.mininteger)
print(1 // 1, 0 // 5, 5 // 5 * 5)
print(pcall(function() return 1 // 0 end)) print(pcall(function() return 1 % 0 end))
print(3 | 4, 7 & 2, 5 ~ 1, ~0, ~5, 1 << 3, 256 >> 4, 1 << 63, 1 << 64, -1 >> 1, -1 >> 63, -1 >> 64, 1 << -1, 4 >> -1)
print(2 ^ 2, 10 / 2, 3 * 4, 3 - 5, 0x10, 0xff, 0xffffffffffffffff, 0x7fffffffffffffff)
print(1e3, 100 // 1e0, 2 ^ 53 | 0)
print(9223372036854775807, 9223372036854775808, -9223372036854775808)
print(math.tointeger(3.0), math.tointeger(3.5), math.tointeger("8"), math.tointeger({}))
print(math.ult(1, -1), math.ult(-1, 1), math.abs(math.mininteger), math.abs(-5))
for _, pair in ipairs { { 5, 3 }, { -5, 3 }, { 5, -3 }, { -5, -3 }, { 0, 3 } } do
    local a, b = pair[1], pair[2]
    print(a, b, a // b, a % b, (a // b) * b + a % b == a, math.fmod(a, b))
end
print(1 + 1 == 2.0, math.type(1 + 1), math.type(1 + 1.0), math.type(4 / 2), math.type("1"), math.type(2 ^ 2))
