-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a hundred thousand objects each of which calls the next by __call.
-- Expect: killed_soft
local f = function(...) return select("#", ...) end
for _ = 1, 20000 do f = setmetatable({}, { __call = f }) end
return f()
