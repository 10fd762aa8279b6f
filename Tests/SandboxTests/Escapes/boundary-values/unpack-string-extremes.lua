-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: string.unpack with lengths inside the data that point beyond it, and start positions that overflow.
-- Expect: completed
-- Result: {"refused": 7}
local refused = 0
for _, case in ipairs {
    { "s8", "\255\255\255\255\255\255\255\255abc" }, { "s8", "\255\255\255\255\255\255\255\127abc" }, { "s1", "\9abc" }, { "z", "abc" },
    { "i16", ("\255"):rep(7) .. ("\1"):rep(9) }, { "c9223372036854775807", "abc" }, { "i4", "abc", math.maxinteger }, { "i4", "abcd", -5 },
} do
    if not pcall(string.unpack, case[1], case[2], case[3]) then refused = refused + 1 end
end
return { refused = refused }
