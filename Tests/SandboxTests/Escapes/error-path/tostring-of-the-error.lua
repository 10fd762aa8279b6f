-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: an error object whose __tostring never returns: a host that prints it hangs (found in several embedders of Lua).
-- Expect: error
-- Message: a table value
error(setmetatable({}, { __tostring = function() while true do end end, __name = "x" }))
