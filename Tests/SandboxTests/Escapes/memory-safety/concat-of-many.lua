-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: concatenations of many values with numbers among them at every depth of the stack: conversion allocates, the collector runs, the stack moves.
-- Expect: completed
-- Result: {"lengths": 12960}
local function many(a, b, c, d) return a .. b .. c .. d .. a .. b .. c .. d .. a .. b .. c .. d .. a .. b .. c .. d .. a .. b .. c .. d .. a .. b .. c .. d end
local function deep(n, ...)
    if n == 0 then return #many(12345678, "abcd", 1.5, "xyz") end
    return (deep(n - 1, n, ...))
end
local lengths = 0
for n = 1, 120 do lengths = lengths + deep(n) end
return { lengths = lengths }
