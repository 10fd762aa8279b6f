-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: host calls from inside gsub, whose state lives on the C stack in stock Lua.
-- Expect: completed
local ctx = ...
return { text = type((("abc"):gsub(".", function(c) return #ctx.random.bytes(4) .. c end))) }
