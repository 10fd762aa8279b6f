-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a new metatable for each table, so that whatever the host remembers of them grows without end.
-- Expect: killed_soft
while true do setmetatable({}, { __index = {} }) end
