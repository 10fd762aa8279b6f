-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: catastrophic backtracking with nested lazy items in one C call, where no hook fires (ReDoS; Davis and others, 2018).
-- Expect: killed_soft
return (("a"):rep(5000)):find(".-.-.-.-.-.-.-.-b$")
