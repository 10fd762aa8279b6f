-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: compares strings with zeros inside and at the end: l_strcmp once read beyond them.
-- Expect: completed
-- Result: {"right": 6}
local right = 0
local a = ("x"):rep(100)
for _, case in ipairs {
    { "a\0", "a\0b" }, { "", "\0" }, { "\0\0", "\0\0\0" }, { a .. "\0", a .. "\0\0" }, { a .. "\0a", a .. "\0b" }, { "a", "a\0" },
} do
    if case[1] < case[2] and not (case[2] <= case[1]) then right = right + 1 end
end
return { right = right }
