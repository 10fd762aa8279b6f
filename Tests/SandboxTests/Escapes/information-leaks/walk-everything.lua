-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: walks all that can be reached from the globals and the context through fields, metatables and iterators, looking for doors.
-- Expect: completed
-- Result: {"doors": 0}
local ctx = ...
local seen, doors = {}, 0
local wanted = { execute = 1, popen = 1, open = 1, getregistry = 1, loadlib = 1, load = 1, dofile = 1, dump = 1, sethook = 1, getupvalue = 1, searchers = 1, cpath = 1 }
local function walk(value)
    if type(value) ~= "table" or seen[value] then return end
    seen[value] = true
    if value ~= _G and getmetatable(value) then walk(getmetatable(value)) end
    pcall(function()
        for k, v in pairs(value) do
            if wanted[k] and type(v) == "function" then doors = doors + 1 end
            walk(k)
            walk(v)
        end
    end)
end
walk(_G)
walk(ctx)
for _, name in ipairs { "http", "json", "crypto", "clock", "random", "log", "storage", "events", "secret", "config" } do
    pcall(function() walk(ctx[name]) end)
end
return { doors = doors }
