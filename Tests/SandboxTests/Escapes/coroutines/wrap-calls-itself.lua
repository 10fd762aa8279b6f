-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a wrapped function that calls itself while it runs.
-- Expect: completed
-- Result: {"ok": false}
local f
f = coroutine.wrap(function() return pcall(f) end)
local ok = f()
return { ok = ok }
