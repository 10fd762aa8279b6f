-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: measures with ctx.clock at the finest step that it has: anything finer than a millisecond times caches and other tenants.
-- Expect: completed
-- Result: {"fine": false}
local ctx = ...
local fine, last = false, ctx.clock.now_ms()
for _ = 1, 20000 do
    local now = ctx.clock.now_ms()
    if math.type(now) ~= "integer" or now < last then fine = true end
    last = now
end
return { fine = fine }
