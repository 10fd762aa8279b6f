-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: raises nil, which looks like no error at all.
-- Expect: error
-- Message: a nil value
error(nil)
