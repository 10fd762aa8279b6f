-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: widths, precisions and values at which a fixed buffer overflows (Lua 5.1's format, Redis's struct and bit libraries: CVE-2018-11218, CVE-2024-31449).
-- Expect: completed
-- Result: {"long": 410, "refused": 5}
local refused = 0
for _, spec in ipairs { "%100d", "%.100f", "%0000000000000000000000000d", "%9999999999f", "%-+ #0-+ #0-+ #0d" } do
    if not pcall(string.format, spec, 1) then refused = refused + 1 end
end
local long = string.format("%99.99f", -1e308)
string.format("%q", ("\0"):rep(10000))
string.format("%q", math.mininteger)
string.format("%a", 0 / 0)
string.format("%5s%-5s%.3s%c", "a", "b", "cdef", 0)
pcall(string.format, "%5s", "a\0b")
return { long = #long, refused = refused }
