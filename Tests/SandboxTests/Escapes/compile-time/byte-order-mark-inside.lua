-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a byte order mark in the middle, which an editor hides.
-- Expect: refused
local a = 1
﻿
return {}
