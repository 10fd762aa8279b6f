-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: learns the length of a secret by sizes: memory, host call limits, sizes of encodings.
-- Expect: completed
-- Result: {"refused": 4}
local ctx = ...
local key, refused = ctx.secret.api_key, 0
for _, f in ipairs { function() return #key end, rawlen, string.len, utf8.len } do
    if not pcall(f, key) then refused = refused + 1 end
end
return { refused = refused }
