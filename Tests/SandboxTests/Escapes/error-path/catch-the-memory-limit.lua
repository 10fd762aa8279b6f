-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: catches the memory limit around the whole operation and returns a result as if nothing had been.
-- Expect: killed_soft
-- Message: not enough memory
pcall(function()
    local t = {}
    while true do t[#t + 1] = ("x"):rep(1000) .. #t end
end)
return { stolen = true }
