-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: start positions and counts at both ends of the integers.
-- Expect: completed
-- Result: {"crashed": 0}
for _, n in ipairs { math.mininteger, math.maxinteger, -1, 0, 1, 2, 1 << 31, -(1 << 31), 1 << 32 } do
    pcall(string.find, "hello", "l", n)
    pcall(string.find, "hello", "l", n, true)
    pcall(string.match, "hello", "()l", n)
    pcall(string.gsub, "hello", "l", "%0%0", n)
    pcall(function() for _ in ("hello"):gmatch("l", n) do end end)
end
return { crashed = 0 }
