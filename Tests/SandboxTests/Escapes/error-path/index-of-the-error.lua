-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: an error object whose __index answers every name, so that a host which reads error.message runs plugin code outside of any limit.
-- Expect: error
-- Message: a table value
error(setmetatable({}, { __index = function() while true do end end }))
