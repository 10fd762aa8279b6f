-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: an error object whose message is a megabyte that starts with another file and line, control characters and broken UTF-8.
-- Expect: error
-- Message: /etc/passwd:1:
error({ message = "/etc/passwd:1: \27[2J\0\255\254" .. ("x"):rep(500000) })
