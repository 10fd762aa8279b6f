-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a small JSON text that becomes as many tables as memory holds.
-- Expect: killed_soft
local ctx = ...
local text, keep = "[" .. ("[[]],"):rep(4000) .. "[]]", {}
while true do keep[#keep + 1] = ctx.json.decode(text) end
