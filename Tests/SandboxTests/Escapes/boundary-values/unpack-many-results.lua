-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a format of 100,000 items: more results than the stack has room for.
-- Expect: killed_soft
return select("#", string.unpack(("B"):rep(100000), ("x"):rep(100000)))
