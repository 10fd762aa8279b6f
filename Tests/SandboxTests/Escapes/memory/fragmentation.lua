-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: frees every second block of growing sizes, so that a simple allocator finds no room although most of it is free.
-- Expect: killed_soft
local t = {}
for size = 600, 100000, 8 do
    t[#t + 1] = ("x"):rep(size)
    t[#t + 1] = ("y"):rep(size)
    t[#t - 1] = nil
end
