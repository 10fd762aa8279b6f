-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: compares two equal strings of a megabyte for ever; a comparison is one instruction, so instruction counts see nothing.
-- Expect: killed_soft
local a = ("x"):rep(500000) .. "a"
local b = ("x"):rep(500000) .. "b"
local n = 0
while true do if a < b then n = n + 1 end end
