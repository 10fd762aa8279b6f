-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: doubles an argument list until the stack is full.
-- Expect: killed_soft
local function double(...) return double(..., ...) end
local function grow(n, ...) return grow(n + 1, n, ...) end
pcall(double, 1, 2, 3)
return grow(1)
