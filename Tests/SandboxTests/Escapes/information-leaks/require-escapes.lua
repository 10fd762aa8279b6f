-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: require of absolute paths, parents, C libraries, URLs, names with zeros, itself and the wrapper.
-- Expect: completed
-- Result: {"loaded": 0}
local loaded = 0
for _, name in ipairs {
    "/etc/passwd", "../../etc/passwd", "..", ".", "", "os", "io", "ffi", "package", "_G", "liblua5.4.so", "file:///etc/passwd", "a\0b", "attack\0.lua",
    ("x"):rep(100000), "main.lua/../../x", "%s%n", "*",
} do
    if pcall(require, name) then loaded = loaded + 1 end
end
return { loaded = loaded }
