-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: log lines with newlines, escape sequences, right-to-left marks and JSON, to forge entries in a log that someone reads.
-- Expect: completed
-- Result: {"logged": true}
local ctx = ...
for _, text in ipairs { "x\n{\"level\":\"error\",\"message\":\"forged\"}", "\27[2J\27]0;title\7", "\u{202e}gnp.exe", "a\0b", "\r\nHTTP/1.1 200 OK\r\n\r\n", "%s%n%x" } do
    ctx.log.info(text, { [text] = text })
    print(text)
end
return { logged = true }
