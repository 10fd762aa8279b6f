-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: next, rawget, rawlen and rawequal look behind read-only tables, where host functions and caches are.
-- Expect: completed
-- Result: {"seen": 0}
local ctx = ...
local seen = 0
for _, t in ipairs { ctx, ctx.http, ctx.secret, ctx.config } do
    if next(t) ~= nil or rawlen(t) ~= 0 or rawget(t, "config") or rawget(t, 1) then seen = seen + 1 end
end
return { seen = seen }
