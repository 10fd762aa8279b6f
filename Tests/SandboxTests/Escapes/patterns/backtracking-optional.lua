-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a?…a?aaaa against aaaa: two to the power of n ways.
-- Expect: killed_soft
local n = 28
return { found = (("a"):rep(n)):find(("a?"):rep(n) .. ("a"):rep(n)) }
