-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: yields from the operation itself through pcall, sort and gsub.
-- Expect: completed
-- Result: {"escaped": 0}
local escaped = 0
for _, f in ipairs {
    function() return coroutine.yield(1) end, function() table.sort({ 2, 1 }, coroutine.yield) end,
    function() return (("a"):gsub(".", coroutine.yield)) end, function() for _ in coroutine.yield do end end,
} do
    if pcall(f) then escaped = escaped + 1 end
end
return { escaped = escaped }
