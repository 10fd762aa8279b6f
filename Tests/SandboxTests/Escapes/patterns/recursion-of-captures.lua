-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: thousands of opened captures, more than the matcher has room for.
-- Expect: completed
-- Result: {"refused": 4}
local refused = 0
for _, n in ipairs { 33, 100, 1000, 100000 } do
    if not pcall(string.find, "x", ("("):rep(n) .. "x" .. (")"):rep(n)) then refused = refused + 1 end
end
return { refused = refused }
