-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: raises the interpreter's own text "not enough memory", which lua_error turns into a memory error that nobody may catch.
-- Expect: killed_soft
return { caught = not pcall(error, "not enough memory", 0) }
