-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: utf8.codes over stray continuation bytes, which older 5.4 versions step over silently.
-- Expect: completed
-- Result: {"walked": true}
for _, text in ipairs { "a\x80b", "\xe2\x82\xac\x80", "\xff", "ab\xc3" } do
    pcall(function() for _ in utf8.codes(text) do end end)
end
return { walked = true }
