-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: variables with attributes that do not exist, and assignments to constants.
-- Expect: refused
-- Message: unknown attribute
local a <const> = 1
local b <weak> = 2
a = 3
return {}
