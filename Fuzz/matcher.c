// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include "cell.h"

// Our find, match, gmatch and gsub against those of stock Lua: results, captures and messages must be the same.

enum { STEPS_MAX = 20000 };

// Where we differ on purpose, as the text that stands in one of the answers:
static const char *const allowed[] = {
    "pattern too complex",  // both count levels, but not the same ones
};

static const char source[] = {
#embed "matcher.lua"
};

static int open_stock(lua_State *L) {
    luaL_requiref(L, LUA_GNAME, luaopen_base, 1);
    luaL_requiref(L, LUA_STRLIBNAME, luaopen_string, 1);
    luaL_requiref(L, LUA_TABLIBNAME, luaopen_table, 1);
    luaL_requiref(L, LUA_MATHLIBNAME, luaopen_math, 1);
    lua_settop(L, 0);
    return 0;
}

static void load(lua_State *L) {
    bool good = luaL_loadbufferx(L, source, sizeof source, "=matcher", "t") == LUA_OK && lua_pcall(L, 0, 1, 0) == LUA_OK;
    require(good, "%s", lua_tostring(L, -1));
}

// The answer of a state whose function stands at 1; NULL when it took too many steps.
static const char *answer(lua_State *L, const uint8_t *data, size_t size, size_t *length) {
    lua_settop(L, 1);
    lua_pushvalue(L, 1);
    lua_pushlstring(L, (const char *)data, size);
    int status = lua_pcall(L, 1, 1, 0);
    if (status != LUA_OK && current->killed) return NULL;
    require(status == LUA_OK, "%s", lua_tostring(L, -1));
    return lua_tolstring(L, -1, length);
}

static bool differs_on_purpose(const char *ours, const char *theirs) {
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) {
        if (strstr(ours, allowed[i]) || strstr(theirs, allowed[i])) return true;
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static lua_State *ours, *stock;
    size_t length, stock_length;
    if (!ours) {
        ours = fuzz_environment();
        require(stock = luaL_newstate(), "no memory for a state");
        open_stock(stock);
        load(ours);
        load(stock);
    }
    current->steps = 0;
    current->killed = ALIVE;
    current->budget.instructions = STEPS_MAX;
    const char *text = answer(ours, data, size, &length);
    if (!text) return 0;
    const char *stock_text = answer(stock, data, size, &stock_length);
    if (length == stock_length && memcmp(text, stock_text, length) == 0) return 0;
    require(differs_on_purpose(text, stock_text), "ours:\n%s\nstock:\n%s", text, stock_text);
    return 0;
}
