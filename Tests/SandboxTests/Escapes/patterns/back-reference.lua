-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a back reference to a long capture, compared at each position: cubic time.
-- Expect: killed_soft
return (("a"):rep(20000) .. "b"):find("(.-)%1%1b$x")
