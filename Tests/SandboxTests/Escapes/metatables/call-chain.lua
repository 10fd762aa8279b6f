-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: an object whose __call is itself: Lua 5.4 shifts the arguments by one for each step and never comes back.
-- Expect: killed_soft | killed_hard
local t = {}
setmetatable(t, { __call = t })
return t()
