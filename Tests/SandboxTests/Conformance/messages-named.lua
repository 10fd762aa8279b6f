-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Differs: ipairs names the value that cannot be walked as newer releases do, with the line.
print(pcall(function()
    for _ in ipairs(nil) do end
end))
print(pcall(function() for _ in ipairs(5) do end end))
print(pcall(function() return string.format("%p", {}) end))
print(pcall(function() return ("x"):rep(1 << 30) end))
print(pcall(function() return table.unpack({}, 1, 9000) end))
print(tostring({}), tostring(print), tostring({}))
print(load, loadstring, dofile, loadfile, collectgarbage, os, io, debug, package, warn, string.dump)
