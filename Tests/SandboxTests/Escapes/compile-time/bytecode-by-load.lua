-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: bytecode handed to load, string.dump and require by a program that is text.
-- Expect: error
-- Message: require: the plugin has no file
local f = string.dump and string.dump(print)
require("\27Lua")
return load("\27Lua\x54")()
