-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: callbacks and tables that give gsub values of every type.
-- Expect: completed
-- Result: {"refused": 4}
local refused = 0
for _, value in ipairs { {}, print, true, coroutine.create(print) } do
    if not pcall(string.gsub, "x", "x", function() return value end) then refused = refused + 1 end
end
return { refused = refused }
