-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: yields across pcall, xpcall, metamethods, iterators and comparators, to resume a C frame that is gone.
-- Expect: completed
local results = {}
local function try(name, f)
    local co = coroutine.create(f)
    local steps, ok = 0, true
    while ok and coroutine.status(co) ~= "dead" and steps < 50 do
        ok = coroutine.resume(co, 1)
        steps = steps + 1
    end
    results[name] = ok
end
local y = coroutine.yield
local meta = setmetatable({}, { __index = y, __newindex = y, __call = y, __add = y, __eq = y, __lt = y, __len = y, __unm = y, __tostring = y })
try("pcall", function() pcall(pcall, pcall, y) end)
try("xpcall", function() xpcall(xpcall, print, y, y, y) end)
try("index", function() return meta.x + meta.y end)
try("call", function() return meta(1) < meta end)
try("compare", function() return meta < meta, #meta, -meta, meta == setmetatable({}, { __eq = y }) end)
try("sort", function() table.sort({ 3, 1, 2, 5, 4 }, y) end)
try("gsub", function() return (("abc"):gsub(".", y)) end)
try("gsub-table", function() return (("abc"):gsub(".", meta)) end)
try("tostring", function() return tostring(meta) end)
try("for", function() for _ in y do y() end end)
return { tried = true }
