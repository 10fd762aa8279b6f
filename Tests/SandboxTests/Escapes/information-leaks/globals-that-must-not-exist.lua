-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: looks for each door that sandboxes left open: os, io, debug, package (CVE-2022-0543 in Debian's Redis), load, ffi, jit and their relatives.
-- Expect: completed
-- Result: {"found": ""}
local found = {}
for _, name in ipairs {
    "os", "io", "debug", "package", "load", "loadstring", "loadfile", "dofile", "collectgarbage", "warn", "module", "setfenv", "getfenv", "newproxy",
    "ffi", "jit", "bit", "bit32", "redis", "cjson", "cmsgpack", "struct", "ngx", "kong", "unpack", "gcinfo", "arg", "script", "vim", "core",
} do
    if _G[name] ~= nil then found[#found + 1] = name end
end
for _, pair in ipairs { { string, "dump" }, { math, "pow" }, { table, "foreach" }, { coroutine, "debug" }, { panel, "env" } } do
    if pair[1][pair[2]] ~= nil then found[#found + 1] = pair[2] end
end
return { found = table.concat(found, ",") }
