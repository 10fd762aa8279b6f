-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: returns strings and member names that are no UTF-8, with zeros, quotes and control characters, for whoever prints or stores them.
-- Expect: completed | error
return { ["\255\254\0"] = "\0\1\2\127\128\255", ["\27[2J"] = "\u{202e}\u{feff}", ["</script>"] = "';--" }
