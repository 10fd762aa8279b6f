-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: encodes and decodes the longest string that is allowed, for ever.
-- Expect: killed_soft
local ctx = ...
local text = ("x"):rep(500000)
while true do ctx.crypto.base64_decode(ctx.crypto.base64_encode(text)) end
