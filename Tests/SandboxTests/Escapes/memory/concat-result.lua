-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: 50,000 references to one string of 100 KB: table.concat would make 5 GB of it.
-- Expect: error
-- Message: larger than 1 MiB
local part, t = ("x"):rep(100000), {}
for i = 1, 50000 do t[i] = part end
return #table.concat(t)
