-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: sends texts that look like frames of the cell's own protocol: a result, a fault and the end of the stream inside log lines and arguments.
-- Expect: completed
-- Result: {"real": true}
local ctx = ...
local result = "\x94\x14\x01\x81\xa4real\xc2\x80"
local frame = string.pack("<I4", #result) .. result
for _, text in ipairs { frame, ("\0"):rep(100), frame .. frame, "\xff\xff\xff\xff", "\x93\x11\x00\x90" } do
    print(text)
    pcall(ctx.log.info, text, { [text] = text })
    pcall(ctx.random.bytes, text)
    pcall(ctx.storage.get, text)
end
return { real = true }
