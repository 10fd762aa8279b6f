-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: doubles a string until it is larger than the machine.
-- Expect: killed_soft
-- Message: not enough memory
local s = "x"
while true do s = s .. s end
