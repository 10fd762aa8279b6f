-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: the fourth value of a generic for is closed when the loop is left; __close would run there.
-- Expect: error
-- Message: non-closable
local meta = {}
local t = setmetatable({}, meta)
pcall(function() meta.__close = function() while true do end end end)
pcall(rawset, meta, "__close", function() while true do end end)
for _ in next, { 1 }, nil, t do break end
return {}
