-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: many tables whose keys collide, each too small to be noticed, so that most of the time passes in lookups.
-- Expect: killed_soft | killed_hard
local step = (1 << 13) - 1
while true do
    local t = {}
    for i = 1, 8000 do t[i * step] = true end
end
