-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors

-- Run by the target `matcher` in our environment and in stock Lua: what happens, as one text.
local byte, concat, floor, find, gmatch, gsub, match, pcall, sub, tostring, type =
    string.byte, table.concat, math.floor, string.find, string.gmatch, string.gsub, string.match, pcall, string.sub, tostring, type
local MOST = 200

local function add(out, ...)
    local values = { n = select("#", ...), ... }
    for i = 1, values.n do out[#out + 1] = type(values[i]) .. " " .. tostring(values[i]) end
    out[#out + 1] = ";"
end

local function replacement(kind, text, calls)
    local count = 0
    local function value(...)
        if calls then add(calls, ...) end
        count = count + 1
        local turn = (count + kind) % 6
        if turn == 0 then return nil elseif turn == 1 then return false elseif turn == 2 then return count end
        if turn == 3 then return (...) end
        if turn == 4 and count > 20 then return {} end
        return text
    end
    if kind % 4 == 0 then return text end
    if kind % 4 == 1 then return value end
    if kind % 4 == 2 then return { [text] = "1", a = 2, [1] = "one", [""] = "empty", ["x"] = false, [2] = text } end
    return setmetatable({ a = "b" }, { __index = function(_, key) return value(key) end })
end

return function(bytes)
    local op, kind, init, length, pattern_length = byte(bytes, 1, 5)
    if not pattern_length then return "" end
    init = init - 128
    length = length % 65
    local subject, at = sub(bytes, 6, 5 + length), 6 + length
    local pattern = sub(bytes, at, at + pattern_length % 65 - 1)
    local text = sub(bytes, at + pattern_length % 65)
    local out = {}
    -- Not in tail position: the names in messages come from the calls.
    local good, message = pcall(function()
        op = op % 6
        if op == 0 then add(out, find(subject, pattern, kind > 127 and init or nil)) end
        if op == 1 then add(out, find(subject, pattern, init, kind % 3 == 0)) end
        if op == 2 then add(out, match(subject, pattern, kind > 127 and init or nil)) end
        if op == 3 then
            local turns = 0
            for a, b, c, d in gmatch(subject, pattern, kind > 127 and init or nil) do
                turns = turns + 1
                add(out, a, b, c, d)
                if turns == MOST then break end
            end
        end
        if op == 4 then add(out, gsub(subject, pattern, replacement(kind, text, out))) end
        if op == 5 then add(out, gsub(subject, pattern, replacement(kind, text, out), floor(init / 8))) end
    end)
    add(out, good, message)
    return concat(out, "\n")
end
