-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: the same inside strings and comments, where they are allowed.
-- Expect: completed
-- Result: {"length": 3}
-- ÿþ
local s = "ÿÀ€"
return { length = #s }
