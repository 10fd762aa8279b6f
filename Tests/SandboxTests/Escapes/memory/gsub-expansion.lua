-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: replaces each byte by a kilobyte, again on the result.
-- Expect: error
local s = "xxxxxxxx"
while true do s = s:gsub(".", ("y"):rep(1024)) end
