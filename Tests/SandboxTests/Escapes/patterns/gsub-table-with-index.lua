-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: the replacement table has an __index that never returns.
-- Expect: killed_soft
return (("x"):gsub(".", setmetatable({}, { __index = function() while true do end end })))
