-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
print(("hello"):len(), #"", ("Hello"):upper(), ("Hello"):lower(), ("abc"):reverse(), (""):reverse(), ("ab"):rep(3), ("ab"):rep(3, "-"), ("ab"):rep(0), ("ab"):rep(-1), ("x"):rep(1, "sep"))
print(("hello"):sub(2, 4), ("hello"):sub(-3), ("hello"):sub(2), ("hello"):sub(0), ("hello"):sub(10), ("hello"):sub(-100, 2), ("hello"):sub(3, 2), ("hello"):sub(-3, -2), ("hello"):sub(math.mininteger, math.maxinteger))
print(("abc"):byte(), ("abc"):byte(2), ("abc"):byte(-1), ("abc"):byte(10), ("abc"):byte(1, -1)) print(string.char(72, 105), #string.char(), string.char(0):byte(), pcall(string.char, 256)) print(pcall(string.char, "x"))
print("a\tb\\n\65\x41\u{41}\z
       joined", 'single "quoted"', [[long
string]], [==[with ]] inside]==], #"\0\0", "\"")
print(("x"):rep(10, ","), ("%s"):rep(2, "|"), tostring(("abc"):find("b")), ("test"):byte(1, 0)) print("abc" .. 1 .. 2.0 .. "", "a" .. "b" == "ab", ("a"):rep(3) == "aaa")
print(pcall(string.sub)) print(pcall(string.sub, "x")) print(pcall(string.sub, "x", {})) print(pcall(string.upper)) print(pcall(string.len, nil)) print(pcall(string.rep, "x")) print(pcall(string.byte, "x", 1.5)) print(pcall(string.reverse, {}))
print(string.len(123), string.upper(1e3), string.rep(1, 3), string.sub(12345, 2, 3), ("5"):rep("2")) local s = "immutable" local t = s s = s .. "!" print(s, t)
print(("a,b,c"):find(",", 1, true), ("a.b"):find(".", 1, true), ("a.b"):find("."), ("abc"):find("", 10), ("abc"):find("", 4), ("abc"):find("c", -1), (""):find(""), ("abc"):find("b", -10))
print(#("\u{10FFFF}"), "\u{7FFFFFFF}" == "\xFD\xBF\xBF\xBF\xBF\xBF", ("ä"):len(), ("ä"):upper() == "ä" or ("ä"):upper():len()) local parts = {} for p in ("one;two;;four"):gmatch("([^;]*)") do parts[#parts + 1] = "<" .. p .. ">" end print(table.concat(parts))
print(("  trim me "):match("^%s*(.-)%s*$") .. "|", ("CamelCaseString"):gsub("%u", function(c) return "_" .. c:lower() end), (("x"):gsub("x", "%%")), ("abc"):gsub("", "-"))
print(("key = value"):match("^(%w+)%s*=%s*(%w+)$")) print(("2024-01-15"):match("(%d+)-(%d+)-(%d+)")) print(string.format("%-10s|%10s|", "left", "right"), ("%d items"):format(3))
