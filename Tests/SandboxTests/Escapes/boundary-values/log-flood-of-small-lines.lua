-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a million empty log lines, each of which costs the host more than the cell.
-- Expect: killed_soft
local ctx = ...
while true do ctx.log.debug("") end
