-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: returns functions, coroutines and the context's own functions, hoping that a handle to them crosses.
-- Expect: error
-- Message: function
local ctx = ...
return { ctx.http, print }
