-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: adds __close after setmetatable has looked and declares the variable then.
-- Expect: error
-- Message: non-closable
local meta = {}
local t = setmetatable({}, meta)
pcall(function() meta.__close = function() while true do end end end)
pcall(rawset, meta, "__close", function() while true do end end)
local guard <close> = t
return {}
