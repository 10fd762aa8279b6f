-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a callback of gsub that never returns.
-- Expect: killed_soft
return (("x"):gsub(".", function() while true do end end))
