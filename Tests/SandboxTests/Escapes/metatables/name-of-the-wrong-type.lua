-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: __name and __tostring of wrong types and of a megabyte, which error messages print.
-- Expect: error
local long = setmetatable({}, { __name = ("x"):rep(900000) })
pcall(function() return long + 1 end)
pcall(string.rep, long)
pcall(tostring, setmetatable({}, { __tostring = function() return {} end }))
pcall(tostring, setmetatable({}, { __tostring = 5 }))
return long + 1
