-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: returns a table whose metamethods would run while the host reads it, after the deadline was disarmed.
-- Expect: completed
-- Result: {"a": 1}
local function trap() while true do end end
return setmetatable({ a = 1 }, { __index = trap, __pairs = trap, __len = trap, __tostring = trap, __call = trap })
