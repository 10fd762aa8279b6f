-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a weak table, from which the collector takes entries while C code holds them.
-- Expect: error
-- Message: __mode is not available
setmetatable({}, { __mode = "kv" })
