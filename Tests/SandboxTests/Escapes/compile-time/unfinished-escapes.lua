-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: escapes that are cut off: \u{, \x, \ddd beyond 255.
-- Expect: refused
-- Message: UTF-8 value too large
return "\u{FFFFFFFFF}"
