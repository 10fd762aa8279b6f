-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: loops with goto and continue only, without a call in which a careless hook would fire.
-- Expect: killed_soft
-- Message: CPU time
local n = 0
::again::
n = n + 1
if n % 2 == 0 then goto continue end
n = n + 1
::continue::
goto again
