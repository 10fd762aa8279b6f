// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include "sandbox.h"

// Read-only tables: an empty table whose metatable shows another one. Our encoders know them and look behind.

static int refuse_write(lua_State *L) { return plugin_error(L, "%s is read-only", lua_tostring(L, lua_upvalueindex(1))); }

int next_pair(lua_State *L) {
    lua_settop(L, 2);
    if (lua_next(L, 1)) return 2;
    lua_pushnil(L);
    return 1;
}

// The plugin never holds the table behind, it could write to it.
static int next_inner(lua_State *L) {
    lua_settop(L, 2);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_replace(L, 1);
    return next_pair(L);
}

static int pairs_inner(lua_State *L) {
    lua_settop(L, 1);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushcclosure(L, next_inner, 1);
    lua_insert(L, 1);
    lua_pushnil(L);
    return 3;
}

static int length_inner(lua_State *L) {
    lua_pushinteger(L, (lua_Integer)lua_rawlen(L, lua_upvalueindex(1)));
    return 1;
}

// Pushes an empty table that shows the one at `index` and refuses writes.
void push_frozen(lua_State *L, int index, const char *name) {
    index = lua_absindex(L, index);
    lua_newtable(L);
    lua_createtable(L, 0, 7);
    lua_pushvalue(L, index);
    lua_setfield(L, -2, "__index");
    lua_pushvalue(L, index);
    lua_rawsetp(L, -2, &key_inner);
    lua_pushboolean(L, 1);
    lua_rawsetp(L, -2, &key_frozen);
    lua_pushstring(L, name);
    lua_pushcclosure(L, refuse_write, 1);
    lua_setfield(L, -2, "__newindex");
    lua_pushvalue(L, index);
    lua_pushcclosure(L, pairs_inner, 1);
    lua_setfield(L, -2, "__pairs");
    lua_pushvalue(L, index);
    lua_pushcclosure(L, length_inner, 1);
    lua_setfield(L, -2, "__len");
    lua_setmetatable(L, -2);
}

// Replaces the table on top, and the tables in it, by read-only ones.
void freeze(lua_State *L, const char *name) {
    luaL_checkstack(L, 12, "ctx");
    int table = lua_gettop(L);
    for (lua_pushnil(L); lua_next(L, table);) {
        if (!lua_istable(L, -1)) {
            lua_pop(L, 1);
            continue;
        }
        freeze(L, name);
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, table);
    }
    push_frozen(L, table, name);
    lua_replace(L, table);
}
