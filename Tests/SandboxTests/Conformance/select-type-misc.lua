-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
print(type(nil), type(1), type("x"), type({}), type(print), type(coroutine.create(print)), type(type)) print(pcall(type)) print(select("#"), select("#", nil), select(-2, 1, 2, 3)) print(rawequal("a", "a"), rawequal({}, {}), rawlen({ 1, 2 }), rawget({ a = 1 }, "a")) print(_VERSION, _G._G == _G, type(_G), _G.print == print) print(tostring(nil), tostring(false), #tostring(0.1)) print(next({}, nil), pcall(next)) print(pcall(next, {}, 1)) print(pcall(ipairs)) print(pcall(pairs)) print(assert(1, 2, 3)) print(assert("v")) print(pcall(assert, nil)) print(pcall(assert, false, "why")) print(pcall(assert, nil, nil)) print(pcall(assert))
print(tostring(12):rep(2), (tostring(1.5)), tonumber("0b1"), tonumber("1e1"), tonumber("0x.8"), tonumber("0x1p4"), tonumber(" 0x10 "), tonumber("1e+5"), tonumber("１")) print(#"\z
   skipped", "a\
b", '\x41\u{42}\67', "tab\tnew\\n") print([[
first newline dropped]], [==[
]]still]==]) --[[ block
comment ]] print("after comment") --[==[ another ]] ]==] print("after long comment")
print(pcall(load and print or print, "no load here")) print(0x7fffffffffffffff + 1 == math.mininteger, 0xffffffffffffffffff, 1e400, -1e400, 0x1.8p1, 3e0, 0e12, 1 // 1 | 0) local t = { [1] = 1, [1.0] = 2, ["1"] = 3 } print(t[1], t["1"], #t) goto fin do print("skipped") end ::fin:: print("fin") local long = {} for i = 1, 300 do long[i] = i end print(select("#", table.unpack(long)), (select(300, table.unpack(long)))) print((function(...) local a, b = ... return b, a end)(1, 2)) print(#{ n = 1, 2, 3, [4] = 5 } >= 2, ({ 1, 2, nil, 4 })[4])
