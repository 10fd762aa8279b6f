-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: recursion without an end through pcall, so that each level has a chance to catch.
-- Expect: killed_soft
local function f() pcall(f) return f() + 1 end
return f()
