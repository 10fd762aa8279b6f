-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a plain search whose needle nearly matches everywhere: quadratic in C.
-- Expect: killed_soft
local subject, needle = ("a"):rep(1000000), ("a"):rep(500000) .. "b"
while true do subject:find(needle, 1, true) end
