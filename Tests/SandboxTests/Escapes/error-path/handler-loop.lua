-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: the handler of xpcall never returns; the hook does not fire there when the error came from a hook.
-- Expect: killed_soft
xpcall(error, function() while true do end end, "x")
