-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: loops through vararg functions and for loops of four values at the deadline: tracing reads the frame that is being built (CVE-2020-24369, CVE-2020-24370).
-- Expect: killed_soft
local function v(...) return ... end
local function g(...) local a <const>, b = ... return v(a, b, ...) end
while true do
    for _, _, _, _ in v(next, { 1, 2 }) do g(1, 2, 3) v() end
end
