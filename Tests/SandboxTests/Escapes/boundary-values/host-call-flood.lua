-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: as many host calls as a loop can make.
-- Expect: killed_soft
-- Message: host calls
local ctx = ...
while true do ctx.random.bytes(16) end
