-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: long strings and comments with level and length that a lexer may read beyond (Redis, CVE-2025-46819).
-- Expect: completed
-- Result: {"length": 3}
local s = [==========[
]=] ]==========]
--[=[ ]] ]==] [=[
]=]
--[[
]]
return { length = #s - 1 }
