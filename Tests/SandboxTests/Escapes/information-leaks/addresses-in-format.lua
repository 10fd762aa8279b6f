-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: string.format("%p"), also with flags, widths, zeros and escaped percent signs around it.
-- Expect: completed
-- Result: {"leaks": 0, "shown": 0}
local leaks, shown = 0, 0
for _, spec in ipairs { "%p", "%10p", "%-20p", "%%%p", "%%%%%p", "%s%p", "%d%p", "%0p", "%+p", "%.3p", "% p", "%1$p", "%\0p" } do
    for _, value in ipairs { {}, print, "text", 1 } do
        local ok, text = pcall(string.format, spec, value, value)
        if ok then leaks = leaks + 1 end
        if tostring(text):find("0x%x") then shown = shown + 1 end
    end
end
return { leaks = leaks, shown = shown }
