-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: returns a table that contains itself.
-- Expect: error
-- Message: nested more than 32 levels deep
local t = {}
t.t = t
return t
