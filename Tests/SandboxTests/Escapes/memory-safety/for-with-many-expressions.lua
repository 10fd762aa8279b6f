-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a generic for with four and more expressions, some from calls, which crashed an early 5.4.
-- Expect: completed
-- Result: {"count": 3}
local count = 0
local function three() return next, { 1, 2, 3 }, nil end
for _ in three() do count = count + 1 end
for _ in next, {}, nil, nil, three() do count = count + 1 end
for _ in next, {}, nil, false, 5, 6, 7 do count = count + 1 end
pcall(function() for _ in next, {}, nil, 5 do end end)
return { count = count }
