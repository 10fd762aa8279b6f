-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: a shebang that is not in the first line.
-- Expect: refused
#!/bin/sh
return {}
