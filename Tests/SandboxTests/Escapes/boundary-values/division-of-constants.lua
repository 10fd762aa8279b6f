-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: the same divisions as constants, which the compiler folds.
-- Expect: completed
-- Result: {"rest": 0}
local quotient = math.mininteger // -1
local fold = (-9223372036854775807 - 1) // -1
return { rest = (-9223372036854775807 - 1) % -1 + (quotient - fold) }
