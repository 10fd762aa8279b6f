-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: looks for what identifies the machine or the process: versions, paths, pids, environment, locale.
-- Expect: completed
-- Result: {"found": 0}
local ctx = ...
local found = 0
for name, value in pairs(_G) do
    if type(value) == "string" and (value:find("/") or value:find("linux") or value:find("gnu")) then found = found + 1 end
end
for name, value in pairs(ctx) do
    if type(value) == "string" and value:find("^/") then found = found + 1 end
end
if string.format("%.1f", 1.5) ~= "1.5" or ("é"):upper() ~= "é" then found = found + 1 end
return { found = found }
