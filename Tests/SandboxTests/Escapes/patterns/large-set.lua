-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a set of 100,000 classes that is read again for each character of the subject.
-- Expect: killed_soft
return (("x"):rep(100000)):find("[" .. ("a-c"):rep(30000) .. "]")
