-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
local n = 0 while n < 3 do n = n + 1 if n == 2 then goto continue end print("while", n) ::continue:: end
repeat local last = n n = n - 1 until last <= 1 print(n)
while true do n = n + 1 if n > 4 then break end end print(n)
repeat n = n + 1 break until false print(n)
local outer = 0 while outer < 3 do outer = outer + 1 local inner = 0 repeat inner = inner + 1 if inner == outer then break end until inner > 5 print(outer, inner) end
local k = 10 while k > 0 do k = k // 2 end print(k) local steps, x = 0, 27 while x ~= 1 do x = x % 2 == 0 and x // 2 or 3 * x + 1 steps = steps + 1 end print(steps)
