-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: ctx.clock.iso8601 of years before 1 and after 9999 and at the ends of the integers.
-- Expect: completed
-- Result: {"refused": 4, "first": "0001-01-01T00:00:00.000Z", "last": "9999-12-31T23:59:59.999Z"}
local ctx = ...
local refused = 0
for _, ms in ipairs { math.mininteger, math.maxinteger, -62135596800001, 253402300800000 } do
    if not pcall(ctx.clock.iso8601, ms) then refused = refused + 1 end
end
return { refused = refused, first = ctx.clock.iso8601(-62135596800000), last = ctx.clock.iso8601(253402300799999) }
