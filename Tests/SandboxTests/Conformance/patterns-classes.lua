-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
for _, class in ipairs { "%a", "%c", "%d", "%g", "%l", "%p", "%s", "%u", "%w", "%x", "%A", "%D", "%S", "%W", ".", "[%a_]", "[^%s]", "[a-f0-9]", "[]]", "[^]]", "[%]]", "[a-]", "[-a]", "[%-z]", "[+-.]", "%.", "%%", "[^%w%s]" } do
    local n, first = 0, nil
    for b = 0, 255 do if string.char(b):find(class) then n = n + 1 first = first or b end end
    print(class, n, first)
end
print(("hello world"):find("o w"), ("a+b"):find("+", 1, true), ("a+b"):find("%+"), ("x.y"):match("%.(.)"), ("[tag]"):match("%[(.-)%]"))
print(("a\0b"):find("\0"), ("a\0b"):match("[%z]") == "\0", #("a\0b\0"):gsub("%z", "0"), ("\0"):rep(3):find("\0\0"))
