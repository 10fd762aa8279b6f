-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: catches "not enough memory", frees everything and starts again: an operation that never ends (LUA_ERRMEM can be caught in stock Lua).
-- Expect: killed_soft
-- Message: not enough memory
while true do
    pcall(function()
        local t = {}
        while true do t[#t + 1] = { #t } end
    end)
end
