-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a pattern of nearly a megabyte against a subject of nearly a megabyte.
-- Expect: error
return (("ab"):rep(400000)):find(("a-"):rep(400000))
