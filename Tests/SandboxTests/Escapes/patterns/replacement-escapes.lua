-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: replacement strings with captures that do not exist and a percent sign at the end.
-- Expect: completed
-- Result: {"refused": 5}
local refused = 0
for _, replacement in ipairs { "%", "%9", "%2", "%x", "%%%" } do
    if not pcall(string.gsub, "hello", "(l)", replacement) then refused = refused + 1 end
end
return { refused = refused }
