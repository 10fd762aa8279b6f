-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: reads and writes storage under keys that lead elsewhere, and asks the context for other tenants.
-- Expect: completed
-- Result: {"found": 0}
local ctx = ...
local found = 0
for _, key in ipairs { "../t2/key", "/t2/key", "t2:key", "*", "", "\0", "key\0t2", ("../"):rep(30) .. "etc/passwd", ("k"):rep(5000), "%00", "' OR 1=1 --" } do
    local ok, value = pcall(function() return ctx.storage.get(key) end)
    if ok and value ~= nil then found = found + 1 end
end
for _, name in ipairs { "tenants", "admin", "host", "env", "database", "parent", "_G", "__index", "secrets", "functions", "denied" } do
    if pcall(function() assert(ctx[name] ~= nil) end) then found = found + 1 end
end
return { found = found }
