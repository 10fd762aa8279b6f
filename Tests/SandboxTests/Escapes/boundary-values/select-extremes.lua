-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: select with indices at the ends of the integers and of its arguments.
-- Expect: completed
-- Result: {"refused": 4}
local refused = 0
for _, n in ipairs { 0, -4, math.mininteger, -(1 << 32) - 1 } do
    if not pcall(select, n, 1, 2, 3) then refused = refused + 1 end
end
select(math.maxinteger, 1)
select((1 << 32) + 1, 1, 2)
return { refused = refused }
