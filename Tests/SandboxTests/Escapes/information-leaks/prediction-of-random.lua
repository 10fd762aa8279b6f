-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: foresees ctx.random from math.random, whose sequence is known.
-- Expect: completed
-- Result: {"equal": false}
local ctx = ...
local a = ctx.random.bytes(16)
math.randomseed(1)
local b = ctx.random.bytes(16)
math.randomseed(1)
return { equal = a == b or #a ~= 16 }
