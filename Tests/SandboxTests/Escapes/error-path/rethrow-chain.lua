-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: an error that is caught and raised again with more text, until the message is megabytes.
-- Expect: killed_soft
local message = "x"
while true do
    local _, next = pcall(error, message .. message, 0)
    message = next
end
