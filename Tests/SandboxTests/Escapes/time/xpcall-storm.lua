-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: the handler of xpcall starts the next endless loop when the deadline's error reaches it.
-- Expect: killed_soft
-- Message: CPU time
local function loop() while true do end end
while true do xpcall(loop, loop) end
