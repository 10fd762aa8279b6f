-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: returns arrays with holes, mixed keys and float keys.
-- Expect: error
return { 1, nil, 3, a = 4, [2.5] = 5 }
