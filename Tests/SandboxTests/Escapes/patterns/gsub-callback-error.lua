-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: raises errors in the callback of gsub while its buffer lives in a userdata on the stack.
-- Expect: completed
-- Result: {"caught": 200}
local caught = 0
for i = 1, 200 do
    if not pcall(string.gsub, ("x"):rep(5000), ".", function() if caught % 3 == i % 3 then error({}) end error("x") end) then caught = caught + 1 end
end
return { caught = caught }
