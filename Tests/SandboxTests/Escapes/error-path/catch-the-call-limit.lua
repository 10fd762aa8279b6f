-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: catches the limit of host calls and makes more of them.
-- Expect: killed_soft
-- Message: host calls
local ctx = ...
while true do pcall(ctx.random.bytes, 1) end
