-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: local _ENV <const> with a compile-time value: the compiler reads another register (CVE-2022-28805).
-- Expect: error
-- Message: attempt to index
local _ENV <const> = 11
return X
