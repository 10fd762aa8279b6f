-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: runtime errors at each possible distance from the end of the stack: luaG_runerror writes beyond it (CVE-2022-33099).
-- Expect: completed
local function at(n, ...)
    if n == 0 then return nil + 1 end
    return at(n - 1, n, ...)
end
for n = 1, 230 do pcall(at, n) end
local co
for n = 1, 230 do
    co = coroutine.create(at)
    coroutine.resume(co, n)
    coroutine.close(co)
end
return { done = true }
