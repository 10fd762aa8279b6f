-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: burns the CPU in a loop that does nothing, the first thing that everybody tries.
-- Expect: killed_soft
-- Message: CPU time
while true do end
