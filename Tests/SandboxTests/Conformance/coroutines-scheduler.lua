-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- A round-robin scheduler with messages between tasks.
local ready, waiting, log = {}, {}, {}
local function spawn(name, f) ready[#ready + 1] = { name = name, co = coroutine.create(f) } end
local function send(to, v) local box = waiting[to] if box then waiting[to] = nil ready[#ready + 1] = { name = to, co = box, arg = v } return true end return false end
spawn("consumer", function() local sum = 0 for _ = 1, 3 do sum = sum + coroutine.yield("wait") end log[#log + 1] = "sum " .. sum end)
spawn("producer", function() for i = 1, 3 do while not send("consumer", i * 10) do coroutine.yield() end coroutine.yield() end end)
spawn("failing", function() coroutine.yield() error("task failed", 0) end)
local steps = 0
while #ready > 0 do
    steps = steps + 1
    local task = table.remove(ready, 1)
    local ok, want = coroutine.resume(task.co, task.arg)
    if not ok then log[#log + 1] = task.name .. ": " .. want
    elseif coroutine.status(task.co) == "dead" then log[#log + 1] = task.name .. " finished"
    elseif want == "wait" then waiting[task.name] = task.co
    else ready[#ready + 1] = { name = task.name, co = task.co } end
end
print(steps) for _, line in ipairs(log) do print(line) end
local function async(f) return function(...) local args = table.pack(...) return function(k) local co = coroutine.create(f) local function step(...) local r = table.pack(coroutine.resume(co, ...)) if not r[1] then error(r[2], 0) end if coroutine.status(co) == "dead" then return k(table.unpack(r, 2, r.n)) end return r[2](step) end return step(table.unpack(args, 1, args.n)) end end end
local function await(thunk) return coroutine.yield(thunk) end
local add = async(function(a, b) return a + b end)
local main = async(function() local x = await(add(1, 2)) local y = await(add(x, 10)) return "result " .. y end)
main()(print)
print(pcall(main(), function(v) error("in continuation: " .. v, 0) end))
