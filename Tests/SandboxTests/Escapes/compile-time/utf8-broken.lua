-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: names and strings of bytes that are no UTF-8.
-- Expect: refused
-- Message: <name> expected
local ÿþ = 1
return {}
