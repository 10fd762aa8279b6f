-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: quadratic time inside C: table.insert at the front moves every element each time.
-- Expect: killed_soft
local t = {}
while true do table.insert(t, 1, 0) end
