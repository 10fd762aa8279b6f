-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: returns a table whose parts are shared 32 times on 16 levels: 2^80 values when it is written out.
-- Expect: error
-- Message: 10000
local node = { 1 }
for _ = 1, 16 do
    local outer = {}
    for i = 1, 32 do outer[i] = node end
    node = outer
end
return node
