-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: raises the secret itself, so that whatever prints the error prints the secret.
-- Expect: error
-- Message: a userdata value
local ctx = ...
error(ctx.secret.api_key)
