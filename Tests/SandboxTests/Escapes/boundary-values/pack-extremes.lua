-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: string.pack and packsize with sizes that overflow (CVE-2018-11219 in Redis's struct): 16-byte integers, 2^31 padding, alignment 16.
-- Expect: completed
-- Result: {"refused": 9}
local refused = 0
for _, format in ipairs { "i17", "i0", "!17", "!3 i3 Xi3", "c2147483648c2147483648", "s17", "X", "Xz", "q" } do
    if not pcall(string.packsize, format) or not pcall(string.pack, format, 1, 2) then refused = refused + 1 end
end
return { refused = refused }
