-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a __gc metamethod that never returns; hooks do not fire inside finalisers (CVE-2024-46981 in Redis manipulates the collector the same way).
-- Expect: completed
-- Result: {"ran": false}
local ran = false
for _ = 1, 2000 do
    setmetatable({}, { __gc = function() ran = true while true do end end })
    local _ = { {}, {}, {} }
end
return { ran = ran }
