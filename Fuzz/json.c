// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include "cell.h"

// JSON in the cell: what can be read can be written, and what was written is read and written the same again.

static int again(lua_State *L) {
    size_t length;
    const char *text = lua_tolstring(L, 1, &length);
    if (decode_json(L, text, length) != 1) return 0;
    lua_replace(L, 1);
    lua_settop(L, 1);
    return json_encode(L);
}

// Pushes the text that the one on top becomes; false when it is no JSON.
static bool push_again(lua_State *L) {
    lua_pushcfunction(L, again);
    lua_pushvalue(L, -2);
    require(lua_pcall(L, 1, 1, 0) == LUA_OK, "%s", lua_tostring(L, -1));
    return lua_isstring(L, -1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static lua_State *L;
    if (!L) L = fuzz_environment();
    lua_settop(L, 0);
    lua_pushlstring(L, (const char *)data, size);
    if (!push_again(L)) return 0;
    require(push_again(L), "this is not read again: %s", lua_tostring(L, 2));
    require(lua_rawequal(L, 2, 3), "first %s\nthen %s", lua_tostring(L, 2), lua_tostring(L, 3));
    return 0;
}
