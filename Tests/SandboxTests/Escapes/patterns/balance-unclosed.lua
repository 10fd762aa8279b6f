-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: %b() at every position of a megabyte of opening brackets: quadratic.
-- Expect: killed_soft
return (("("):rep(1000000)):find("%b()x")
