-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: raises a string of one megabyte: the frame to the host would be larger than any frame may be.
-- Expect: error
error(("é\0\255"):rep(200000), 0)
