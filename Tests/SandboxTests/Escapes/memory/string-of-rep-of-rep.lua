-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: string.rep of its own results, the classic one-line memory bomb.
-- Expect: error
-- Message: larger than 1 MiB
return #(("x"):rep(1000000):rep(1000000))
