-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: code points at 2^31, surrogates, overlong and truncated sequences, positions inside characters and beyond the text.
-- Expect: completed
-- Result: {"wrong": 0}
local wrong = 0
for _, code in ipairs { -1, 1 << 31, 1 << 32, math.mininteger, math.maxinteger } do
    if pcall(utf8.char, code) then wrong = wrong + 1 end
end
for _, text in ipairs { "\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "a\x80" } do
    if utf8.len(text) or pcall(utf8.codepoint, text, 1, -1) then wrong = wrong + 1 end
    for _, n in ipairs { math.mininteger, -1, 0, 1, math.maxinteger } do
        pcall(utf8.offset, text, n)
        pcall(utf8.offset, text, n, n)
        pcall(utf8.codepoint, text, n, -n)
        pcall(utf8.len, text, n, -n)
    end
end
pcall(utf8.codepoint, "abc", math.mininteger, math.maxinteger)
return { wrong = wrong }
