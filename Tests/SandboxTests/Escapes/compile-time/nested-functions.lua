-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: functions in functions, thousands deep.
-- Expect: refused
-- Message: overflow
return function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return
function() return function() return function() return function() return function() return 1 end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
end end end end end end end end end end end end end end end end end end end end
