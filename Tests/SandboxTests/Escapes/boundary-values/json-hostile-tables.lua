-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: tables that JSON cannot hold: cycles, holes, mixed keys, NaN, functions, 100 levels, metamethods that must not run.
-- Expect: completed
-- Result: {"accepted": 0, "ran": false}
local ctx = ...
local accepted, ran, cycle, deep = 0, false, {}, {}
cycle[1] = cycle
for _ = 1, 100 do deep = { deep } end
local function run() ran = true return 1 end
for _, value in ipairs {
    cycle, { 1, nil, 3 }, { 1, a = 2 }, 0 / 0, math.huge, print, coroutine.create(print), deep, ctx.secret.api_key, { [1.5] = 1 }, { [true] = 1 },
    { "\255" }, { ["\255"] = 1 },
} do
    if pcall(ctx.json.encode, value) then accepted = accepted + 1 end
end
ctx.json.encode(setmetatable({}, { __index = run, __len = run, __pairs = run, __tostring = run, __name = "x" }))
return { accepted = accepted, ran = ran }
