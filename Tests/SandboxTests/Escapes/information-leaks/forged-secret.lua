-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: forges a handle from tables and userdata: with __name "secret", the handle's metatable, null.
-- Expect: completed
-- Result: {"accepted": 0}
local ctx = ...
local accepted = 0
local fakes = {
    setmetatable({ "api_key", "raw" }, { __name = "secret", __tostring = function() return "[secret]" end }), panel.null, { "api_key" },
    coroutine.create(print), print, getmetatable(ctx.secret.api_key) or {},
}
for _, fake in ipairs(fakes) do
    if pcall(ctx.http.bearer, fake) then accepted = accepted + 1 end
    if pcall(ctx.http.text, { fake }) then accepted = accepted + 1 end
    if pcall(ctx.http.basic, "user", fake) then accepted = accepted + 1 end
end
return { accepted = accepted }
