-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: makes a host call 15 coroutines deep, raises an error after it on each level, and closes them all.
-- Expect: completed
-- Result: {"ok": false}
local ctx = ...
local function down(depth)
    if depth == 0 then
        ctx.random.bytes(8)
        error("bottom")
    end
    local co = coroutine.create(down)
    local ok, message = coroutine.resume(co, depth - 1)
    coroutine.close(co)
    if not ok then error(message, 0) end
end
return { ok = (pcall(down, 15)) }
