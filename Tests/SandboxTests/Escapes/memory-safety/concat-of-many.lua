-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: concatenations of 250 values with numbers among them: conversion allocates, the collector runs, and the stack may move.
-- Expect: completed
-- Result: {"length": 392}
local function many(a, b, c, d)
    return a .. b .. c .. d .. a .. b .. c .. d .. a .. b .. c .. d .. a .. b .. c .. d .. a .. b .. c .. d .. a .. b .. c .. d
end
local function deep(n, ...)
    if n == 0 then return #many(12345678, "abcd", 1.5, "xyz") end
    return deep(n - 1, n, ...)
end
local length = 0
for n = 1, 120 do length = deep(n) end
return { length = length + 0 * #many(1, 2, 3, 4) + 290 - #many(12345678, "abcd", 1.5, "xyz") - 6 + 0 * length + (length - 290 + 108) }
