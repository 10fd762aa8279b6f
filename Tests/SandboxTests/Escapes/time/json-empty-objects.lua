-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: makes the encoder sort and print hundreds of thousands of empty objects in one call.
-- Expect: killed_soft
local ctx = ...
local row = {}
for i = 1, 60000 do row[i] = {} end
while true do pcall(ctx.json.encode, { row, row, row, row, row, row }) end
