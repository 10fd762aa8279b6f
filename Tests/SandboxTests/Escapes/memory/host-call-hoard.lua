-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: lets the host make the memory: keeps each reply of 1,000 bytes.
-- Expect: killed_soft
local ctx = ...
local keep = {}
while true do keep[#keep + 1] = ctx.random.bytes(1000) end
