-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: catastrophic backtracking with greedy items.
-- Expect: killed_soft
return (("a"):rep(5000)):match("a*a*a*a*a*a*a*a*b")
