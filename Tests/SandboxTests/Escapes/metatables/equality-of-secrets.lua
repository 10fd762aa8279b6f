-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: compares secrets with ==, through __eq of an own table and as keys, to learn one by guessing.
-- Expect: completed
-- Result: {"equal": 0}
local ctx = ...
local equal = 0
local key = ctx.secret.api_key
for _, guess in ipairs { "s3cr3t", "", 1, {}, setmetatable({}, { __eq = function() return true end }), ctx } do
    local ok, same = pcall(function() return key == guess end)
    if ok and same then equal = equal + 1 end
    if rawequal(key, guess) then equal = equal + 1 end
end
return { equal = equal }
