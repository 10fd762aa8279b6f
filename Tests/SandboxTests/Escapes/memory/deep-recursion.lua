-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: recursion without an end that is no tail call.
-- Expect: killed_soft
-- Message: too deeply
local function f(n) return 1 + f(n + 1) end
return f(1)
