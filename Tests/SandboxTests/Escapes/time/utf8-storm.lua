-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: walks a megabyte of UTF-8 inside one C call, for ever.
-- Expect: killed_soft
local text = ("é"):rep(400000)
while true do utf8.len(text) end
