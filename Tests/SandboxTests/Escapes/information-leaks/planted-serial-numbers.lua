-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: counts the serial numbers that tostring gives, which would tell how many objects another invocation showed.
-- Expect: completed
-- Runs: 2
-- Result: {"first": "table: 1"}
local first = tostring({})
for _ = 1, 100 do tostring({}) end
return { first = first }
