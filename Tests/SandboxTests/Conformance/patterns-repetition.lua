-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
print(("aaa"):match("a*"), ("aaa"):match("a+"), ("aaa"):match("a-"), ("aaa"):match("a?"), ("bbb"):match("a*"), ("bbb"):match("a+"), ("aaab"):match("a-b"), ("aaab"):match("^a-$"))
print(("<a><b>"):match("<.->"), ("<a><b>"):match("<.*>"), ("key=val=x"):match("(.-)=(.*)"), ("key=val=x"):match("(.*)=(.*)"), ("123abc"):match("^%d+"), ("abc"):match("^%d*"))
print(("xxaxx"):find("a?xx$"), ("abcabc"):find("c.-c"), ("aXbXc"):gsub("X*", "-"), ("hello"):gsub("l+", "L"), ("a  b   c"):gsub("%s+", " "))
print(("aaa"):find("a-", 2), ("aaa"):find("a-$"), ("baaa"):match("^b?a+$"), (""):match(".*"), (""):match(".+"), (""):find(".-"), ("x"):match("x?x?x?"))
print(("f(a(b)c)d"):match("%b()"), ("((("):match("%b()"), ("[[x]]"):match("%b[]"), ("aab"):match("%baa"), ("if x then y end"):gsub("%b xn", "?"), ("(a)(b)"):gsub("%b()", "<%0>"))
print(("THE (quick) fox"):find("%((%a+)%)"), ("THE (quick) fox"):gsub("%f[%a]%a+", string.lower), ("foo.bar"):find("%f[%w]%w+", 2), ("x"):find("%f[%z]"), ("hello world"):gsub("%f[%w]%w", string.upper))
print(("abcabc"):match("(abc)%1"), ("aa bb cd"):gsub("(%a)%1", "<%1>"), ("'it' \"is\""):gsub("(['\"])(.-)%1", "[%2]"), ("x=x"):match("^(.-)=%1$"), ("abab"):match("^(a)(b)%1%2$"))
print(#(("a"):rep(1000):match(("a?"):rep(150) .. ("a"):rep(150))), ("a"):rep(50):match("^(a*)(a*)(a*)$"), ("ab"):rep(100):match("^(ab)%1%1") ~= nil, ("a"):rep(300):find(".-b"))
