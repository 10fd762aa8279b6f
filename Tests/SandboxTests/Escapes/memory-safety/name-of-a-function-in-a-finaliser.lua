-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: an error in a closing for loop while a function is called through a metamethod: type confusion in funcnamefromcode (CVE-2021-44647).
-- Expect: completed
-- Result: {"caught": 4}
local caught = 0
local t = setmetatable({}, { __index = function(_, k) error(k) end, __call = function() error("call") end, __eq = function() error("eq") end })
for _, f in ipairs {
    function() for _ in t do end end, function() for _ in next, {}, nil, t.x do end end, function() return t == setmetatable({}, getmetatable(t)) end,
    function() local a <close> = nil return t() end,
} do
    if not pcall(f) then caught = caught + 1 end
end
return { caught = caught }
