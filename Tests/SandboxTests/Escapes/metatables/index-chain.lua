-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a chain of a million __index tables; each lookup of an absent name walks it in C.
-- Expect: killed_soft
local t = {}
for _ = 1, 1000000 do t = setmetatable({}, { __index = t }) end
return t.absent
