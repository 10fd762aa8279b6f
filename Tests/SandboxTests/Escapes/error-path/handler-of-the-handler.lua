-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: the handler of xpcall raises errors itself, so that handlers handle handlers until the C stack ends.
-- Expect: completed
local function handler(m) error(m) end
local ok, message = xpcall(error, handler, "first")
return { ok = ok, text = type(message) }
