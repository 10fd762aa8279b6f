-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: closes the function that it expects around itself and goes on outside.
-- Expect: refused
-- Message: near 'end'
end
_G.stolen = true
do return {}
