-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: replaces functions of the libraries and of the string methods for the next invocation.
-- Expect: completed
-- Runs: 2
-- Result: {"clean": true}
local clean = ("x"):rep(2) == "xx" and string.planted == nil and table.concat({ 1 }) == "1" and type(next) == "function" and math.pi > 3
string.rep = function() return "stolen" end
string.planted = true
table.concat = string.rep
next = nil
math.pi = 0
return { clean = clean }
