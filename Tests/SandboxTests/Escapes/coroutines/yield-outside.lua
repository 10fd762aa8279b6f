-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: yields where there is no coroutine of the plugin: the operation would look like a host call that never was written.
-- Expect: error
-- Message: outside a coroutine
coroutine.yield({ "random.bytes", 16 })
