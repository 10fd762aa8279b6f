-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: returns the secret, hoping that the host fills in the bytes for whoever called.
-- Expect: completed
local ctx = ...
return { secret = ctx.secret.api_key, text = ctx.http.text { "key: ", ctx.secret.api_key } }
