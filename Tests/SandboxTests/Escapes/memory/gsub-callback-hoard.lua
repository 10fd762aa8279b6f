-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: hoards memory in the callback of gsub, while the C function above holds a growing buffer.
-- Expect: killed_soft
-- Message: not enough memory
local t = {}
return (("x"):rep(100000):gsub(".", function(c)
    t[#t + 1] = c:rep(2000) .. #t
    return c:rep(10)
end))
