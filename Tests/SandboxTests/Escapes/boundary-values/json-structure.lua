-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: JSON that is 100,000 levels deep, never closed, doubled, or full of broken escapes and surrogates.
-- Expect: completed
-- Result: {"accepted": 0}
local ctx = ...
local accepted = 0
for _, text in ipairs {
    ("["):rep(100000), ("["):rep(40) .. ("]"):rep(40), ("{\"a\":"):rep(40) .. "1" .. ("}"):rep(40), ("{\"a\":"):rep(100000), ("[[],"):rep(1000), "[1,]", "{\"a\":1,}", "{\"a\":1,\"a\":2}", "{a:1}", "\"\\ud800\"", "\"\\udc00x\"",
    "\"\\u12\"", "\"\\x\"", "\"\1\"", "\"\255\"", "\"", "\"\\", "[1 2]", "nul", "truee", "1 1", "/**/1", "\239\187\191[]", "\0", "[1]\0",
} do
    if pcall(ctx.json.decode, text) and ctx.json.decode(text) ~= nil then accepted = accepted + 1 end
end
return { accepted = accepted }
