-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: coroutines that were made before any hook was set run the endless loop (hooks are inherited at creation only).
-- Expect: killed_soft
local early = {}
for i = 1, 10 do early[i] = coroutine.wrap(function() while true do end end) end
for i = 1, 10 do pcall(early[i]) end
