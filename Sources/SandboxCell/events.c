// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include "sandbox.h"

// What Lua's own C functions do with metamethods, through continuations: those of the interpreter cannot yield from C,
// so that no host call could be made in them.

enum { LINKS_MAX = 2000 };

// The key is on top; object[key] replaces it. `next` goes on when a metamethod yielded.
void index_value(lua_State *L, int object, lua_KContext context, lua_KFunction next) {
    lua_pushvalue(L, object);
    lua_insert(L, -2);
    for (int links = 0; links < LINKS_MAX; links++) {
        bool table = lua_istable(L, -2);
        if (table) {
            lua_pushvalue(L, -1);
            bool found = lua_rawget(L, -3) != LUA_TNIL;
            if (found || !lua_getmetatable(L, -3)) {
                lua_replace(L, -3);
                lua_pop(L, 1);
                return;
            }
            lua_pop(L, 2);
        }
        if (luaL_getmetafield(L, -2, "__index") == LUA_TNIL) {
            if (!table) luaL_error(L, "attempt to index a %s value", luaL_typename(L, -2));
            lua_pop(L, 2);
            lua_pushnil(L);
            return;
        }
        if (lua_isfunction(L, -1)) {
            lua_insert(L, -3);
            lua_callk(L, 2, 1, context, next);
            return;
        }
        lua_replace(L, -3);
    }
    luaL_error(L, "'__index' chain too long; possibly a loop");
}

// Whether the lower one of the two values on top is less than the other: a boolean, or what __lt returned, replaces them.
void less_value(lua_State *L, lua_KContext context, lua_KFunction next) {
    int type = lua_type(L, -2);
    if (type != lua_type(L, -1) || (type != LUA_TNUMBER && type != LUA_TSTRING)) {
        if (luaL_getmetafield(L, -2, "__lt") != LUA_TNIL || luaL_getmetafield(L, -1, "__lt") != LUA_TNIL) {
            lua_insert(L, -3);
            lua_callk(L, 2, 1, context, next);
            return;
        }
    }
    bool less = lua_compare(L, -2, -1, LUA_OPLT);
    lua_pop(L, 2);
    lua_pushboolean(L, less);
}

static int finish_element(lua_State *L, int status, lua_KContext context) {
    (void)status;
    (void)context;
    return lua_isnil(L, -1) ? 1 : 2;
}

// The iterator of ipairs: 1 the value, 2 the index before.
static int next_element(lua_State *L) {
    lua_Integer i = (lua_Integer)((lua_Unsigned)luaL_checkinteger(L, 2) + 1);
    lua_settop(L, 1);
    lua_pushinteger(L, i);
    if (lua_istable(L, 1)) {
        if (lua_rawgeti(L, 1, i) != LUA_TNIL || !lua_getmetatable(L, 1)) return finish_element(L, LUA_OK, 0);
    } else if (lua_type(L, 1) != LUA_TSTRING && luaL_getmetafield(L, 1, "__index") == LUA_TNIL) {
        return luaL_error(L, "bad argument #1 to 'for iterator' (table expected, got %s)", luaL_typename(L, 1));
    }
    lua_settop(L, 2);
    lua_pushinteger(L, i);
    index_value(L, 1, 0, finish_element);
    return finish_element(L, LUA_OK, 0);
}

static int elements(lua_State *L) {
    luaL_checkany(L, 1);
    lua_pushcfunction(L, next_element);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    return 3;
}

void open_iterators(lua_State *L) {
    static const luaL_Reg functions[] = {{"ipairs", elements}, {NULL, NULL}};
    set_functions(L, functions);
}
