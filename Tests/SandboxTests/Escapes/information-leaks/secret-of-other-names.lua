-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: asks for secrets that are not this plugin's: undeclared, unset, with path characters, with zeros, megabytes long.
-- Expect: completed
-- Result: {"handles": 0}
local ctx = ...
local handles = 0
for _, name in ipairs { "admin", "../api_key", "api_key\0", "API_KEY", "", ("a"):rep(500000), "other", "*", "api_key ", "tenants/2/api_key" } do
    local ok, value = pcall(function() return ctx.secret[name] end)
    if ok and value ~= nil then handles = handles + 1 end
end
return { handles = handles }
