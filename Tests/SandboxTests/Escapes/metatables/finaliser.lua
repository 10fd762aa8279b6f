-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a __gc metamethod that never returns; hooks do not fire inside finalisers (CVE-2024-46981 in Redis manipulates the collector the same way).
-- Expect: error
-- Message: __gc is not available
setmetatable({}, { __gc = function() while true do end end })
