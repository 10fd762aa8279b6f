-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: string.pack with alignment and fixed sizes that expand a short format.
-- Expect: killed_soft
local t = {}
while true do t[#t + 1] = string.pack("!16 c100000 i16 c100000 i16", "", #t, "", #t) end
