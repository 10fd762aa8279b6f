-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a comparator that never returns, inside table.sort; a C function on the stack hides loops from some hooks.
-- Expect: killed_soft
-- Message: CPU time
table.sort({ 3, 2, 1 }, function() while true do end end)
