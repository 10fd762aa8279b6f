-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a linked list as long as memory allows, so that each emergency collection walks all of it.
-- Expect: killed_soft
local list
local ok = pcall(function() while true do list = { list } end end)
while true do list = { list } end
