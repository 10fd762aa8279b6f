-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: assert with no message, a table, a function: errors of types that a host does not expect.
-- Expect: error
-- Message: a function value
pcall(assert)
pcall(assert, false, {})
assert(nil, function() end)
