-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: returns 32 strings of 100 KB: each is allowed, the whole is larger than any frame.
-- Expect: error
-- Message: larger than 256 KiB
local t = {}
for i = 1, 32 do t[i] = ("x"):rep(100000) end
return t
