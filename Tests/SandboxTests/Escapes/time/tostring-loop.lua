-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: __tostring never returns, called by print, string.format and tostring from within C.
-- Expect: killed_soft
local endless = setmetatable({}, { __tostring = function() while true do end end })
pcall(print, endless)
pcall(string.format, "%s", endless)
return tostring(endless)
