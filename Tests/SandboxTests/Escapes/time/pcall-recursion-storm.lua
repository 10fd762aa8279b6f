-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a binary tree of pcalls, so that each level that catches the error starts as much work again (lua-l, "limits of debug.sethook").
-- Expect: killed_soft
local function storm(depth)
    if depth == 0 then while true do end end
    pcall(storm, depth - 1)
    return storm(depth - 1)
end
while true do pcall(storm, 100) end
