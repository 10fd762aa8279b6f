-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: plants metatables on shared tables: the globals, the libraries, panel, and values of the request.
-- Expect: completed
-- Runs: 2
-- Result: {"clean": true}
local _, request = ...
local clean = getmetatable(_G) == nil and getmetatable(string) == nil and getmetatable(panel) == nil and nosuchglobal == nil
setmetatable(_G, { __index = function() return "stolen" end, __newindex = function() end })
setmetatable(string, { __index = function() return print end })
setmetatable(panel, { __call = print })
if type(request) == "table" then pcall(setmetatable, request, { __index = print }) end
return { clean = clean and nosuchglobal == "stolen" }
