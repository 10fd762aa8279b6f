-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a pattern that fails slowly, tried at every position of the subject by gsub.
-- Expect: killed_soft
return (("a"):rep(100000):gsub(".-.-b", ""))
