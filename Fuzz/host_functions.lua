-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors

-- The program behind the target `host_functions`: everything that a plugin can reach is called with everything that
-- can be made, as the bytes of the request say. What it needs itself it holds in locals: the rest may be changed.
local byte, sub, rep, pack, unpack, sort = string.byte, string.sub, string.rep, table.pack, table.unpack, table.sort
local format, gmatch, gsub, ipairs, select, xpcall = string.format, string.gmatch, string.gsub, ipairs, select, xpcall
local pcall, pairs, type, setmetatable, tostring, random = pcall, pairs, type, setmetatable, tostring, math.random
local create, wrap, resume, yield, running, null = coroutine.create, coroutine.wrap, coroutine.resume, coroutine.yield, coroutine.running, panel.null

local function walk(from, prefix, seen, found)
    seen[from] = true
    for name, value in pairs(from) do
        local path = prefix .. tostring(name)
        if type(value) == "function" then found[#found + 1] = { path, value } end
        if type(value) == "table" and not seen[value] then walk(value, path .. ".", seen, found) end
    end
    return found
end

local function by_name(a, b) return a[1] < b[1] end

local found = walk(_G, "", {}, {})
sort(found, by_name)

-- Those that every plugin has, then those of this call.
local function everything(ctx)
    local names, functions, granted = {}, {}, {}
    for _, name in ipairs { "http", "storage", "crypto", "log", "clock", "random", "json", "events", "secret" } do
        local good, space = pcall(function() return ctx[name] end)
        if good then walk(space, "ctx." .. name .. ".", {}, granted) end
    end
    sort(granted, by_name)
    for _, list in ipairs { found, granted } do
        for _, entry in ipairs(list) do names[#names + 1], functions[#functions + 1] = entry[1], entry[2] end
    end
    return functions, names
end

local numbers = {
    0, 1, -1, 2, 255, 256, 2 ^ 31, 2 ^ 53, math.maxinteger, math.mininteger, 1 << 31, 1 << 32, 8000, 8001, 10000, 1000000,
    0.5, -0.0, 1e15, 1e308, 2 ^ -1074, 2 ^ 63, -2 ^ 63, 0 / 0, 1 / 0, -1 / 0,
}
local texts = {
    "", "x", "%d", "%s%q%5.3f", "(.-)%1", "[^%w]*$", "%f[%a]", "%b()", "k", "v", "__index", "__gc", "__mode", "n", "=", "utf8 é ✓", "\xff\xfe", "\0",
    '{"a":[1,null]}', "api_key", "http.request", "https://a.test/", "<i4z", "s1!16", "r", "*", "raw", "m", "3", "0x10", " 1e1 ",
}
local events = { "__index", "__newindex", "__call", "__tostring", "__len", "__eq", "__lt", "__le", "__add", "__unm", "__pairs", "__name", "__metatable", "__concat", "__gc" }

local function run(ctx, bytes)
    local at, size, kept, depth, functions = 0, #bytes, {}, 0, everything(ctx)
    local make, step

    local function next_byte()
        at = at + 1
        return at <= size and byte(bytes, at) or 0
    end
    local function pick(list) return list[next_byte() % #list + 1] end
    local function keep(value) if value ~= nil then kept[#kept + 1] = value end end

    local function make_function()
        local kind = next_byte() % 4
        if kind == 0 then return pick(functions) end
        local value = make()
        return function(...)
            keep((...))
            if kind == 1 then step() elseif kind == 2 and running() then pcall(yield, value) end
            return value, ...
        end
    end
    local makers = {
        function() return nil end, function() return true end, function() return false end,
        function() return next_byte() - 128 end, function() return pick(numbers) end, function() return pick(numbers) + next_byte() end,
        function() return pick(texts) end, function() return rep(pick(texts), 1 << next_byte() % 16) end,
        function()
            local from = at + 1
            at = at + next_byte() % 16
            return sub(bytes, from + 1, at)
        end,
        function() return {} end, function() return { make(), make(), make() } end,
        function() return { [make() or 1] = make(), k = make(), n = make() } end,
        function()
            local t = {}
            t[1], t.k = t, { t }
            return t
        end,
        function() return setmetatable({ make() }, { [pick(events)] = make_function(), [pick(events)] = make() }) end,
        function()
            local deep = {}
            for _ = 1, next_byte() % 40 do deep = { deep } end
            return deep
        end,
        function()
            local wide = {}
            for i = 1, next_byte() * 40 do wide[i] = true end
            return wide
        end,
        make_function, make_function, function() return create(make_function()) end, function() return wrap(make_function()) end,
        function()
            local co = create(make_function())
            resume(co, make())
            return co
        end,
        function() return (running()) end, function() return ctx end, function() return ctx.config end, function() return ctx.secret.api_key end,
        function() return ctx.http.bearer(ctx.secret.api_key) end, function() return null end, function() return panel.array { make() } end,
        function() return _G end, function() return string end, function() return kept end,
        function() return #kept > 0 and pick(kept) or nil end, function() return #kept > 0 and pick(kept) or nil end,
    }
    function make()
        if depth > 5 then return nil end
        depth = depth + 1
        local good, value = pcall(pick(makers))
        depth = depth - 1
        return good and value or nil
    end

    local operators = {
        function(a, b) return a[b] end, function(a, b, c) a[b] = c end, function(a, b) return a .. b end, function(a) return #a end,
        function(a, b) return a == b, a < b, a <= b end, function(a, b) return a + b, a // b, a % b, a ~ b, a << b end, function(a) return -a, ~a end,
        function(a, ...) return a(...) end, function(a) for k, v in a do keep(k, v) end end, function(a, b) return a:find(b) end,
        function(a) for k, v in pairs(a) do keep(v) end end, function(a, b, c) for i = a, b, c do keep(i) end end,
    }
    -- Calls with a chance to get beyond the first check of an argument.
    local function text() return pick(texts) end
    local recipes = {
        function() return gsub(text() .. text(), text(), make()) end, function() return gsub(text(), "()(.)", make_function()) end,
        function() for a, b in gmatch(text(), text()) do keep(a) end end, function() return format(text(), make(), make(), make()) end,
        function() return string.unpack(text(), string.pack(text(), make(), make())) end, function() return table.concat(make(), text(), make(), make()) end,
        function() return sort({ make(), make(), make(), make(), make() }, make_function()) end, function() return table.move(make(), 1, 3, make(), make()) end,
        function() for _, v in ipairs(setmetatable({}, { __index = make_function() })) do keep(v) end end,
        function() return table.insert(kept, make(), make()), table.remove(kept, make()) end,
        function() return tostring(setmetatable({}, { __tostring = make_function(), __name = make() })) end,
        function() return text() + make(), make() * text() end, function() return xpcall(make_function(), make_function(), make()) end,
        function() return ctx.json.decode(ctx.json.encode(make())) end, function() return ctx.json.decode(make()) end,
        function() return ctx.http.get("https://a.test/", { headers = make(), json = make() }):json() end,
        function() return ctx.http.text { make(), ctx.secret.api_key, make() } end, function() return ctx.http.basic(make(), ctx.secret.api_key) end,
        function() return ctx[make()] end, function() return ctx.http[make()] end, function() return ctx.secret[make()] end,
        function() return ctx.log.info(make(), make()) end, function() return ctx.storage.set(make(), make(), make()) end,
        function() return ctx.crypto.base64_decode(text() .. text()), ctx.crypto.hex_decode(make()) end,
        function() return coroutine.close(create(make_function())) end, function() return utf8.codepoint(text(), make(), make()) end,
        function() for p, c in utf8.codes(text(), make()) do keep(c) end end, function() return select(make(), make(), make()) end,
        function() error(make(), make()) end, function() return rep(text(), make(), text()) end, function() return byte(text(), make(), make()) end,
    }
    function step()
        if depth > 8 or at >= size then return end
        depth = depth + 1
        local call = next_byte()
        local f = pick(call % 8 == 0 and operators or call % 8 < 4 and recipes or functions)
        local results = pack(pcall(f, unpack({ make(), make(), make(), make() }, 1, call // 8 % 5)))
        for i = 2, results.n < 6 and results.n or 6 do keep(results[i]) end
        depth = depth - 1
    end

    for _ = 1, 30 do step() end
    return kept[next_byte() % 8 + 1]
end

-- What an invocation finds: every name, the first serial number, the first random number.
local function probe(ctx)
    local _, names = everything(ctx)
    local lines = { tostring({}), tostring(random(1 << 60)), tostring(ctx.config.a), tostring(getmetatable("")), ("x"):upper() }
    for name, value in pairs(_G) do lines[#lines + 1] = name .. type(value) end
    return table.concat(lines, "\n") .. table.concat(names, "\n")
end

return { run = run, probe = probe }
