-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: backtracking through 30 captures, each of which is opened and closed at every step.
-- Expect: killed_soft
return (("ab"):rep(200)):match(("(.-)"):rep(30) .. "c")
