-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: catches the error of the deadline and goes on, in a loop (works against every sandbox whose limit is an ordinary Lua error).
-- Expect: killed_soft
-- Message: CPU time
while true do
    pcall(function() while true do end end)
end
