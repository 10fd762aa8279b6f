-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: stack overflow inside the handler that is called for a stack overflow; heap overflow in luaG_runerror (CVE-2022-33099).
-- Expect: killed_soft
local function loop(a, b, c) return 1 + loop(a, b, c) end
return { tostring(select(2, xpcall(loop, function() return loop() end))) }
