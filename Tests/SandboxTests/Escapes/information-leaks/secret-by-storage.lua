-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: stores the secret and reads it back as a string.
-- Expect: completed
local ctx = ...
pcall(ctx.storage.set, "k", ctx.secret.api_key)
local ok, value = pcall(ctx.storage.get, "k")
if ok and type(value) == "string" and value:find("s3cr3t") then return { leaked = value } end
return { kind = "clean" }
