-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: keeps every table that it makes.
-- Expect: killed_soft
-- Message: not enough memory
local t = {}
while true do t[#t + 1] = {} end
