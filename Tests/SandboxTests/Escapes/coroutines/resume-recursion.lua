-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: each coroutine resumes a new one until the C stack ends (CVE-2020-24342, CVE-2021-43519).
-- Expect: completed
-- Result: {"deep": "coroutines are nested more than 16 deep"}
local deepest
local function down()
    local ok, message = coroutine.resume(coroutine.create(down))
    if not ok then deepest = deepest or message end
end
down()
return { deep = deepest }
