-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: returns from inside pcall exactly when the limit is reached, many times, to find a path that forgets the kill.
-- Expect: killed_soft
local function spin(n) for _ = 1, n do end return n end
local n = 0
while true do
    n = n + 1
    local ok = pcall(spin, n % 2000)
    if not ok then return { escaped = true } end
end
