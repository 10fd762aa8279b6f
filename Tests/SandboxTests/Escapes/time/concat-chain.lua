-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: quadratic copying by s = s .. x, where each step is one instruction.
-- Expect: killed_soft
local s = ("x"):rep(500000)
while true do local _ = s .. "y" end
