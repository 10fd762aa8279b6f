-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: sets metatables of nil, booleans, numbers, functions and coroutines, which all code shares (Redis, CVE-2025-46818).
-- Expect: completed
-- Result: {"changed": 0, "found": 0}
local changed, found = 0, 0
local basic = { false, true, 1, 1.5, print, function() end, coroutine.create(print), panel.null }
basic[9] = nil
for _, value in ipairs(basic) do
    if pcall(setmetatable, value, { __index = print }) then changed = changed + 1 end
    if getmetatable(value) then found = found + 1 end
end
if pcall(setmetatable, nil, {}) then changed = changed + 1 end
return { changed = changed, found = found }
