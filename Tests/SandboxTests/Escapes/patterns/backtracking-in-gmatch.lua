-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: each step of a gmatch iterator takes just less than the limit of one call.
-- Expect: killed_soft
local n = 0
while true do
    for _ in (("a"):rep(3000)):gmatch(".-.-b") do n = n + 1 end
end
