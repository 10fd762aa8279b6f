-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: jumps into the scope of a local variable and of a loop.
-- Expect: refused
-- Message: jumps into the scope
goto inside
local a <const> = 1
::inside::
print(a)
return {}
