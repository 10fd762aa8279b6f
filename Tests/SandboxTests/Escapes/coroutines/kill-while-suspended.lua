-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: yields out of hundreds of coroutines and burns the rest of the time, so that the limit comes while most are suspended; one loops in its last resume.
-- Expect: killed_soft
local all = {}
for i = 1, 300 do
    all[i] = coroutine.wrap(function() while true do coroutine.yield() end end)
end
while true do for i = 1, 300 do all[i]() end end
