-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: break inside a for that closes variables: the jump may skip the closing.
-- Expect: completed
-- Result: {"value": 20}
local read
for k, v in pairs({ 10, 20, 30 }) do
    local held = v
    read = function() return held end
    for _ = 1, 3 do
        local inner = k
        local f = function() return inner end
        if f() == 2 then break end
    end
    if k == 2 then break end
end
return { value = read() }
