-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: reads addresses of objects from tostring, print and error messages: the first step of every heap exploit.
-- Expect: completed
-- Result: {"leaks": 0}
local ctx = ...
local leaks = 0
for _, value in ipairs { {}, print, function() end, coroutine.create(print), ctx, ctx.secret.api_key, panel.null, string, math.floor } do
    local texts = { tostring(value), string.format("%s|%10s", value, value), (select(2, pcall(error, tostring(value), 0))) }
    for _, text in ipairs(texts) do
        if text:find("0x") or text:find("%x%x%x%x%x%x%x") then leaks = leaks + 1 end
    end
end
return { leaks = leaks }
