-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a megabyte of JSON that turns out to be broken in its last byte; the line of the error is counted from the start.
-- Expect: killed_soft
local ctx = ...
local text = "[" .. ("1,\n"):rep(9000) .. "x"
while true do ctx.json.decode(text) end
