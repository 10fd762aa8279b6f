-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: table.move over a million absent elements a call, thousands of calls.
-- Expect: killed_soft
local t = {}
while true do table.move(t, 1, 1000000, 2, {}) end
