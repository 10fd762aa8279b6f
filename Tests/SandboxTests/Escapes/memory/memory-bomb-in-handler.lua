-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: allocates inside the handler of xpcall, which runs for the error that says that memory is short.
-- Expect: killed_soft
-- Message: not enough memory
local function bomb()
    local t = {}
    while true do t[#t + 1] = { #t } end
end
xpcall(bomb, bomb)
