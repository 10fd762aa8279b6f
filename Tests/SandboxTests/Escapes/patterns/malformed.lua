-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: patterns that end in the middle of an item: %, [, [^, [a-, [%, %b, %bx, %f, (, ), %1, %0, (%1); the matcher must not read past their end.
-- Expect: completed
-- Result: {"crashed": 0}
local patterns = {
    "%", "[", "[^", "[]", "[^]", "[a-", "[a-%", "[%", "[%a", "[%a-", "%b", "%bx", "%f", "%fx", "%f[", "(", ")", "(()", "%1", "%0", "(%1)", "()%2",
    "a%", "[[]", "[]-", "[]]-", "(.", "((((", "%g(", "*", "+", "-", "?", "^", "$", "^*", "$?", "%z", "[\0", "\0%", "x-%b(", "[a-]-", "%f[^", "[%]",
}
for _, pattern in ipairs(patterns) do
    for _, subject in ipairs { "", "a", "[]", "(()", "\0\0", ("a"):rep(100) } do
        pcall(string.find, subject, pattern)
        pcall(string.match, subject, pattern)
        pcall(string.gsub, subject, pattern, "%0%1")
        pcall(function() for _ in subject:gmatch(pattern) do break end end)
    end
end
return { crashed = 0 }
