-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: makes garbage as fast as it can, so that the collector runs all the time.
-- Expect: killed_soft
local keep
while true do
    keep = { keep and keep[1], ("x"):rep(1000), {} }
end
