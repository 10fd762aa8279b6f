-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: math.mininteger // -1 and % -1 trap in hardware where the interpreter does not look (SIGFPE).
-- Expect: completed
-- Result: {"quotient": true, "rest": 0, "refused": 2}
local min, refused = math.mininteger, 0
for _, f in ipairs { function(z) return min // z end, function(z) return min % z end } do
    if not pcall(f, 0) then refused = refused + 1 end
end
local minus = tonumber("-1")
return { quotient = min // minus == min, rest = min % minus, refused = refused }
