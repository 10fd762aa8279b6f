-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: catches the CPU limit around the whole operation and returns a result as if nothing had been.
-- Expect: killed_soft
-- Message: CPU time
pcall(function() while true do end end)
return { stolen = true }
