-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a pattern whose items each need a level of recursion in the matcher's C code.
-- Expect: completed
-- Result: {"ok": false}
return { ok = (pcall(string.find, ("a"):rep(100000), ("a?"):rep(50000) .. "b")) and false }
