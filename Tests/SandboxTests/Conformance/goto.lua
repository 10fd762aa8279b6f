-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
for i = 1, 3 do
    for j = 1, 3 do
        if j == 2 then goto continue end
        if i == 3 then goto done end
        print(i, j)
        ::continue::
    end
end
::done::
do
    local n = 0
    ::again::
    n = n + 1
    if n < 5 then goto again end
    print("n", n)
end
do
    local fs = {}
    local i = 1
    ::top::
    local captured = i * 10
    fs[i] = function() return captured end
    i = i + 1
    if i <= 3 then goto top end
    print(fs[1](), fs[2](), fs[3]())
end
local function search(t, wanted)
    for i, v in ipairs(t) do
        if v == wanted then goto found end
    end
    do return "missing" end
    ::found::
    return "found"
end
print(search({ 1, 2, 3 }, 2), search({ 1, 2, 3 }, 9))
