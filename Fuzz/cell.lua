-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors

-- The program behind the target `cell`: operations that end in every way there is.
local function call(ctx, request) return ctx.storage.set("k", request), ctx.http.request { url = "https://a.test", body = request } end

return {
    echo = function(_, request) return request end,
    field = function(ctx, request) return ctx[request], ctx.config end,
    call = call,
    nested = function(ctx, request)
        local inner = coroutine.wrap(function() return coroutine.wrap(function() return call(ctx, request) end)() end)
        return inner(), pcall(call, ctx, request)
    end,
    log = function(ctx, request) for _, level in ipairs { "debug", "warn" } do ctx.log[level](request, { value = request }) end end,
    secret = function(ctx, request) return { ctx.secret[request], ctx.http.bearer(ctx.secret.api_key) } end,
    json = function(ctx, request) return ctx.json.encode(ctx.json.decode(request)) end,
    raise = function(_, request) error(request) end,
    loop = function() while true do end end,
    grow = function(_, request) while true do request = { request, ("x"):rep(1000) } end end,
}
