-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a coroutine whose to-be-closed variable closes the next coroutine, thousands deep: lua_closethread does not count C levels.
-- Expect: error
-- Message: __close is not available
local function nest(n)
    local co = coroutine.create(function()
        local guard <close> = setmetatable({}, { __close = function() if n > 0 then coroutine.close(nest(n - 1)) end end })
        coroutine.yield()
    end)
    coroutine.resume(co)
    return co
end
coroutine.close(nest(100000))
return setmetatable({}, { __close = print })
