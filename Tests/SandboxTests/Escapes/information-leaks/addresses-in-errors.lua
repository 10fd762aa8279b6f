-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: runtime errors of all kinds in the hope that one prints an address or the name of a file of the host.
-- Expect: completed
-- Result: {"leaks": 0}
local ctx = ...
local leaks = 0
local cases = {
    function() return {} + 1 end, function() return {} .. "x" end, function() return #5 end, function() return ctx.nosuch end, function() ctx.x = 1 end,
    function() return ctx.secret.nosuch end, function() return nil > 1 end, function() require("/etc/passwd") end, function() require("..") end,
    function() string.rep() end, function() ("x"):bad() end, function() setmetatable(1) end, function() return ctx.ledger.x end,
    function() error(setmetatable({}, {})) end, function() return ctx.secret.api_key .. "x" end, function() return ctx.http.nosuch() end,
}
for _, case in ipairs(cases) do
    local _, message = pcall(case)
    local text = tostring(message)
    if text:find("0x") or text:find("/usr/") or text:find("/home") or text:find("%.c:") or text:find("SandboxCell") then leaks = leaks + 1 end
end
return { leaks = leaks }
