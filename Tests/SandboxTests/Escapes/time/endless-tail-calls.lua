-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: two functions call each other in tail position for ever: the stack never grows, so no stack limit helps.
-- Expect: killed_soft
-- Message: CPU time
local even, odd
function even(n) return odd(n + 1) end
function odd(n) return even(n + 1) end
return even(0)
