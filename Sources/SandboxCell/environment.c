// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include <stdio.h>
#include <string.h>

#include "frames.h"

// The globals of a plugin are built from an empty table. What is not named here, or set by one of the `open_…`
// functions below, does not exist. docs/sandbox-globals.txt lists the result; a test compares both.

const char key_operations, key_ctx, key_array, key_frozen, key_original, key_inner;

static const char *const base_names[] = {
    "assert", "error", "next", "pairs", "rawequal", "rawget", "rawlen", "select", "tonumber", "type", NULL,
};
static const char *const math_names[] = {
    "abs", "acos", "asin", "atan", "ceil", "cos", "deg", "exp", "floor", "fmod", "huge", "log", "max", "maxinteger",
    "min", "mininteger", "modf", "pi", "rad", "sin", "sqrt", "tan", "tointeger", "type", "ult", NULL,
};

void set_functions(lua_State *L, const luaL_Reg *functions) { luaL_setfuncs(L, functions, 0); }

// Copies the named members of the table at `from` to the table on top.
static void copy_members(lua_State *L, int from, const char *const *names) {
    for (; *names; names++) {
        lua_getfield(L, from, *names);
        lua_setfield(L, -2, *names);
    }
}

// Errors name a function by the global that it can be found at.
static void name_libraries(lua_State *L, int globals) {
    lua_newtable(L);
    for (lua_pushnil(L); lua_next(L, globals); lua_pop(L, 1)) {
        if (!lua_istable(L, -1)) continue;
        lua_pushvalue(L, -2);
        lua_pushvalue(L, -2);
        lua_rawset(L, -5);
    }
    lua_setfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
}

static void push_stock(lua_State *L, lua_CFunction open) {
    lua_pushcfunction(L, open);
    lua_call(L, 0, 1);
}

int open_environment(lua_State *L) {
    static const luaL_Reg functions[] = {{"require", require_file}, {NULL, NULL}};

    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &key_array);

    push_stock(L, luaopen_base);
    int stock = lua_gettop(L);
    lua_newtable(L);
    int globals = lua_gettop(L);
    copy_members(L, stock, base_names);
    set_functions(L, functions);
    lua_pushvalue(L, globals);
    lua_setfield(L, globals, "_G");
    lua_pushliteral(L, LUA_VERSION);
    lua_setfield(L, globals, "_VERSION");
    open_show(L);
    open_iterators(L);
    open_errors(L);
    open_metatables(L);

    lua_newtable(L);
    open_coroutines(L);
    lua_setfield(L, globals, "coroutine");

    push_stock(L, luaopen_string);
    lua_newtable(L);
    open_strings(L);
    lua_setfield(L, globals, "string");
    lua_pop(L, 1);

    push_stock(L, luaopen_table);
    lua_newtable(L);
    open_tables(L);
    lua_setfield(L, globals, "table");
    lua_pop(L, 1);

    push_stock(L, luaopen_math);
    lua_newtable(L);
    copy_members(L, lua_gettop(L) - 1, math_names);
    open_random(L);
    lua_setfield(L, globals, "math");
    lua_pop(L, 1);

    lua_newtable(L);
    open_utf8(L);
    lua_setfield(L, globals, "utf8");

    open_panel(L);
    open_context(L);

    lua_pushvalue(L, globals);
    place_functions(L, 1);
    push_statics(L);
    place_functions(L, 1);
    name_libraries(L, globals);

    // From here on the stock table of globals is garbage.
    lua_pushvalue(L, globals);
    lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    lua_settop(L, stock - 1);
    return 0;
}

static int make_array(lua_State *L) {
    if (lua_isnoneornil(L, 1)) {
        lua_settop(L, 0);
        lua_newtable(L);
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    if (lua_getmetatable(L, 1)) plugin_error(L, "panel.array wants a plain table");
    lua_settop(L, 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &key_array);
    lua_setmetatable(L, 1);
    return 1;
}

// The table of globals is on top.
void open_panel(lua_State *L) {
    lua_createtable(L, 0, 3);
    lua_pushliteral(L, "1");
    lua_setfield(L, -2, "version");
    lua_pushlightuserdata(L, NULL);
    lua_setfield(L, -2, "null");
    lua_pushcfunction(L, make_array);
    lua_setfield(L, -2, "array");
    lua_setfield(L, -2, "panel");
}
