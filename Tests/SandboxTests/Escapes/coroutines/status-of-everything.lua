-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: asks for the status, yieldability and closing of coroutines in every state, from inside each of them.
-- Expect: completed
local all = { (coroutine.running()) }
local function inspect()
    for _, co in ipairs(all) do
        coroutine.status(co)
        coroutine.isyieldable(co)
        pcall(coroutine.resume, co)
    end
end
for _ = 1, 12 do all[#all + 1] = coroutine.create(function() inspect() coroutine.yield() inspect() error({}) end) end
for _ = 1, 4 do inspect() end
for _, co in ipairs(all) do pcall(coroutine.close, co) end
return { done = true }
