// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include "sandbox.h"

// A plugin's metatable is never handed to Lua: its allowed events are copied to a table of ours. What a plugin adds to
// its own table later so cannot become a finaliser or make a weak table.

static const char key_clones;

static const char *const events[] = {
    "__index", "__newindex", "__call", "__tostring", "__name", "__len", "__eq", "__lt", "__le", "__unm", "__add", "__sub", "__mul",
    "__div", "__mod", "__pow", "__idiv", "__band", "__bor", "__bxor", "__bnot", "__shl", "__shr", "__pairs", NULL,
};
// Each of these is a way to memory that is not ours in the Lua that systems ship, or runs where no limit is seen.
static const char *const refused[] = {"__gc", "__mode", "__close", "__concat", NULL};

// The metatable at 2 is cloned; the clone is pushed. A second call with the same table brings its clone up to date.
static void push_clone(lua_State *L) {
    for (const char *const *name = refused; *name; name++) {
        lua_pushstring(L, *name);
        if (lua_rawget(L, 2) != LUA_TNIL) plugin_error(L, "the metatable event %s is not available to plugins", *name);
        lua_pop(L, 1);
    }
    lua_rawgetp(L, LUA_REGISTRYINDEX, &key_clones);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, -2) == LUA_TNIL) {
        lua_pop(L, 1);
        lua_createtable(L, 0, 4);
        lua_pushvalue(L, 2);
        lua_rawsetp(L, -2, &key_original);
        lua_pushvalue(L, 2);
        lua_pushvalue(L, -2);
        lua_rawset(L, -4);
    }
    lua_remove(L, -2);
    int clone = lua_gettop(L);
    for (const char *const *name = events; *name; name++) {
        lua_pushstring(L, *name);
        lua_pushvalue(L, -1);
        lua_rawget(L, 2);
        lua_pushvalue(L, -2);
        lua_rawget(L, clone);
        if (lua_rawequal(L, -1, -2)) {
            lua_pop(L, 3);
        } else {
            lua_pop(L, 1);
            lua_rawset(L, clone);
        }
    }
}

// Pushes what guards the metatable of the value at 1, or nothing. Tables of ours are guarded unless they only mark an array.
static bool guarded(lua_State *L) {
    if (!lua_getmetatable(L, 1)) return false;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &key_array);
    bool array = lua_rawequal(L, -1, -2);
    lua_pop(L, 1);
    if (array) {
        lua_pop(L, 1);
        return false;
    }
    if (lua_rawgetp(L, -1, &key_original) != LUA_TTABLE) {
        lua_pop(L, 2);
        lua_pushboolean(L, 0);
        return true;
    }
    lua_pushliteral(L, "__metatable");
    if (lua_rawget(L, -2) == LUA_TNIL) {
        lua_pop(L, 3);
        return false;
    }
    lua_replace(L, -3);
    lua_pop(L, 1);
    return true;
}

static int set_metatable(lua_State *L) {
    int type = lua_type(L, 2);
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_argexpected(L, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table");
    if (guarded(L)) return plugin_error(L, "cannot change a protected metatable");
    lua_settop(L, 2);
    if (type == LUA_TTABLE) push_clone(L);
    lua_setmetatable(L, 1);
    lua_settop(L, 1);
    return 1;
}

static int get_metatable(lua_State *L) {
    luaL_checkany(L, 1);
    if (guarded(L)) return 1;
    if (!lua_getmetatable(L, 1)) {
        lua_pushnil(L);
        return 1;
    }
    lua_rawgetp(L, -1, &key_original);
    return 1;
}

static int raw_set(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checkany(L, 2);
    luaL_checkany(L, 3);
    lua_settop(L, 3);
    if (lua_getmetatable(L, 1)) {
        if (lua_rawgetp(L, -1, &key_frozen) != LUA_TNIL) return plugin_error(L, "this table is read-only");
        lua_settop(L, 3);
    }
    lua_rawset(L, 1);
    return 1;
}

void open_metatables(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"getmetatable", get_metatable},
        {"rawset", raw_set},
        {"setmetatable", set_metatable},
        {NULL, NULL},
    };
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &key_clones);
    set_functions(L, functions);
}
