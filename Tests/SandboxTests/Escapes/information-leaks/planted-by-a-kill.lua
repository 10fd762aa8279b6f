-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: plants state and dies by the limit; the next invocation in the same state must find nothing of it.
-- Expect: killed_soft
-- Runs: 2
if rawget(_G, "planted") or string.planted then error("state was left over") end
planted, string.planted = {}, true
while true do planted[#planted % 1000 + 1] = #planted end
