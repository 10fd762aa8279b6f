-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: logs the secret as message, as field, as name of a field and inside tables.
-- Expect: completed
-- Result: {"logged": true}
local ctx = ...
local key = ctx.secret.api_key
print(key, { key })
pcall(ctx.log.info, key)
pcall(ctx.log.info, "x", { key = key, list = { key } })
pcall(ctx.log.info, "x", { [key] = 1 })
pcall(ctx.log.error, tostring(key) .. "", { text = ctx.http.text { "a", key }, bearer = ctx.http.bearer(key) })
return { logged = true }
