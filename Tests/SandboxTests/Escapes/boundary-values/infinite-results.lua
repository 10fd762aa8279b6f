-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: returns NaN and infinities to a host whose formats may not have them.
-- Expect: completed | error
return { nan = 0 / 0, huge = math.huge, tiny = -math.huge, zero = -0.0 }
