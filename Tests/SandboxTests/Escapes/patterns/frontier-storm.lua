-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: the frontier %f with a large set at each position of a megabyte.
-- Expect: killed_soft
local subject, set = ("a"):rep(1000000), "[" .. ("%w%d%s"):rep(100) .. "]"
while true do subject:find("%f" .. set .. "b") end
