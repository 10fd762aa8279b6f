-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- What plugins parse: query strings, CSV, templates, headers, numbers.
local function decode(s) return (s:gsub("+", " "):gsub("%%(%x%x)", function(h) return string.char(tonumber(h, 16)) end)) end
local function encode(s) return (s:gsub("[^%w%-%._~]", function(c) return ("%%%02X"):format(c:byte()) end)) end
local query = {} for k, v in ("name=Lua+Plugin&q=a%26b%3Dc&empty="):gmatch("([^&=]+)=([^&]*)") do query[k] = decode(v) end print(query.name, query.q, query.empty == "") print(encode("a&b=c d/é"))
local function csv(line) local out, pos = {}, 1 while true do if line:sub(pos, pos) == '"' then local text, e = "", pos repeat local s, f, c = line:find('^"(.-)"', e) text, e = text .. c, f + 1 if line:sub(e, e) == '"' then text = text .. '"' end until line:sub(e, e) ~= '"' out[#out + 1] = text pos = e + 1 else local s, f = line:find(",", pos, true) out[#out + 1] = line:sub(pos, (s or 0) - 1) if not s then break end pos = f + 1 end if pos > #line + 1 then break end end return out end
print(table.concat(csv('a,"b,c","d ""q""",e'), "|"))
local function render(t, v) return (t:gsub("{{%s*([%w_.]+)%s*}}", function(path) local x = v for k in path:gmatch("[^.]+") do x = x and x[k] end return x ~= nil and tostring(x) or "" end)) end print(render("Hi {{ user.name }}, {{n}} new{{missing}}!", { user = { name = "Ada" }, n = 3 }))
local headers = {} for k, v in ("Content-Type: text/html\r\nX-Id:  42 \r\n"):gmatch("([^:\r\n]+):%s*(.-)%s*\r\n") do headers[k:lower()] = v end print(headers["content-type"], headers["x-id"])
for _, s in ipairs { "12", "-3.5", "+7", "1e5", "0x1F", "abc", "1.", ".5", "--1" } do print(s, s:match("^[+-]?%d+%.?%d*$") ~= nil, tonumber(s)) end
local function split(s, sep) local t = {} for part in (s .. sep):gmatch("(.-)" .. sep:gsub("%p", "%%%0")) do t[#t + 1] = part end return t end print(table.concat(split("a.b..c", "."), "|"), #split("", "."), table.concat(split("x::y", "::"), "|"))
local function trim(s) return s:match("^()%s*$") and "" or s:match("^%s*(.*%S)") end print("[" .. trim("  a b  ") .. "]", "[" .. trim("   ") .. "]") local function thousands(n) local s = tostring(n):reverse():gsub("(%d%d%d)", "%1,"):reverse() return (s:gsub("^,", "")) end print(thousands(1234567), thousands(123456), thousands(12))
print(("https://user:pw@host.example:8080/p/a?x=1#f"):match("^(%w+)://([^/]*)(/[^?#]*)%??([^#]*)#?(.*)$")) print(("v1.22.333"):match("^v(%d+)%.(%d+)%.(%d+)$")) print(("a-b_c d"):gsub("[-_ ](%w)", function(c) return c:upper() end)) print(("x"):rep(3, ", "):gsub("x", { x = "?" })) print(("snake_case_name"):gsub("_(%l)", string.upper))
