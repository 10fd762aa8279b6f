-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: gsub whose callback calls gsub, until the C stack ends.
-- Expect: completed
local depth = 0
local function deeper(c)
    depth = depth + 1
    return (c:gsub(".", deeper))
end
local ok, message = pcall(deeper, "x")
return { ok = ok, deep = depth > 10, text = type(message) }
