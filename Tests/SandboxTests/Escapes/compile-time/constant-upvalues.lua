-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: assigns to a constant through closures and loops.
-- Expect: refused
-- Message: attempt to assign to const
local a <const> = {}
local function f() a = nil end
f()
return {}
