-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: asks every function that reads a value for the bytes of a secret.
-- Expect: completed
-- Result: {"leaks": 0, "text": "[secret]"}
local ctx = ...
local key, leaks = ctx.secret.api_key, 0
local function try(f, ...)
    local result = table.pack(pcall(f, ...))
    for i = 1, result.n do
        if type(result[i]) == "string" and result[i]:find("s3cr3t") then leaks = leaks + 1 end
    end
end
for _, f in pairs(string) do try(f, key) try(f, "%s", key) try(f, key, key) try(f, "x", key) try(f, "%q", key) end
for _, f in pairs(utf8) do try(f, key) end
for _, f in pairs(table) do try(f, { key, key }) try(f, { key }, key) end
for _, f in pairs(math) do try(f, key) try(f, 1, key) end
for _, f in ipairs { tostring, tonumber, next, rawlen, rawget, ipairs, pairs, type, select, error, assert, getmetatable, setmetatable } do try(f, key, 1) end
try(function() return key .. "" end)
try(function() return "" .. key end)
try(function() return #key end)
try(function() return key[1] end)
try(function() return key.name end)
try(function() key.x = 1 end)
try(function() return key() end)
try(function() return key < "z" end)
try(function() return key + 1 end)
try(function() for _ in pairs(key) do end end)
try(ctx.json.encode, { key })
try(ctx.json.encode, { [key] = 1 })
try(ctx.crypto.base64_encode, key)
try(ctx.crypto.hex_encode, key)
try(ctx.crypto.equals, key, "s3cr3t-value-0123456789")
try(ctx.http.basic, key, "x")
try(ctx.http.bearer, ctx.http.bearer(key))
try(ctx.http.text, { ctx.http.text { key } })
return { leaks = leaks, text = tostring(key) }
