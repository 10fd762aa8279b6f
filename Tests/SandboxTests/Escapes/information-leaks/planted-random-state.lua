-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: sets the seed of math.random for the next invocation, to foresee its numbers.
-- Expect: completed
-- Runs: 2
-- Result: {"foreseen": false}
math.randomseed(42)
local mine = math.random(0)
local _ = _G.earlier
_G.earlier = mine
local ctx = ...
math.randomseed(43)
return { foreseen = math.random(0) == mine }
