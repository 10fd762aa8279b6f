-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: an error that passes through wrapped coroutines collects positions and copies on each level.
-- Expect: completed
-- Result: {"type": "table"}
local f = function() error({}) end
for _ = 1, 15 do
    local inner = f
    f = function() return coroutine.wrap(inner)() end
end
local _, message = pcall(f)
return { type = type(message) }
