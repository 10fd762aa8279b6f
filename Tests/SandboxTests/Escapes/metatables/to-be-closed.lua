-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a to-be-closed variable whose __close runs after the coroutine was killed, where no hook fires.
-- Expect: error
-- Message: __close is not available
local guard <close> = setmetatable({}, { __close = function() while true do end end })
while true do end
