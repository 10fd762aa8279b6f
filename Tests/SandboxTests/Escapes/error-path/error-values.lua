-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: raises every type of value, also the secret, a coroutine and the context.
-- Expect: completed
-- Result: {"caught": 8}
local ctx = ...
local caught = 0
for _, value in ipairs { true, 1, 0.5, "x", {}, print, coroutine.create(print), ctx } do
    local ok, raised = pcall(error, value, 0)
    if not ok and rawequal(raised, value) then caught = caught + 1 end
end
return { caught = caught }
