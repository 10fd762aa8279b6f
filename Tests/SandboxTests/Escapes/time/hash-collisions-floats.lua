-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: float keys made for one chain: doubles whose mantissa and exponent hash to the same place.
-- Expect: killed_soft | killed_hard
while true do
    local t = {}
    for i = 1, 6000 do t[(i * 8191.0) * 2.0 ^ 40] = true end
end
