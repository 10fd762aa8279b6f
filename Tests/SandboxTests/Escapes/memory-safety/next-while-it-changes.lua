-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: changes, clears and collects a table during next and pairs; dead keys must not be followed.
-- Expect: completed
-- Result: {"survived": true}
for round = 1, 20 do
    local t = {}
    for i = 1, 500 do t[i % 2 == 0 and i or "k" .. i] = { i } end
    pcall(function()
        for k in pairs(t) do
            t[k] = nil
            for _ = 1, 5 do local _ = { round } end
            if round % 3 == 0 then t[{}] = 1 end
        end
    end)
    pcall(next, t, {})
    pcall(next, t, "absent")
end
return { survived = true }
