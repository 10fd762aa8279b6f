-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: floods the log until the disk of the host is full or its reader blocks.
-- Expect: killed_soft
local ctx = ...
while true do
    ctx.log.error(("x"):rep(100000), { field = ("y"):rep(100000) })
    print(("z"):rep(1000))
end
