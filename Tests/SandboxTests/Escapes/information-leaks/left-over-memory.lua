-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: looks for another invocation's bytes in fresh buffers: padding of string.pack, new tables, long strings, JSON and base64 scratch space.
-- Expect: completed
-- Runs: 2
-- Result: {"found": 0}
local ctx = ...
local mark, found = "MARK" .. "-of-an-earlier-call", 0
local function look(text) if type(text) == "string" and text:find("MARK-of-", 1, true) then found = found + 1 end end
for n = 0, 16 do
    look(string.pack("!16 i1 Xi16", 1))
    look(string.pack("c" .. n * 1000, ""))
    look((" "):rep(n * 5000))
    look(ctx.crypto.base64_encode((" "):rep(n * 3000)))
    look(ctx.json.encode({ n }))
    look(table.concat({ "", "", "" }, " "))
end
for i = 1, 200 do
    local _ = (mark .. i):rep(100)
    ctx.json.encode({ _ })
    ctx.crypto.base64_encode(_)
end
return { found = found }
