// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include <string.h>

#include "sandbox.h"

// A plugin's metatable is never handed to Lua: its allowed events are copied to a table of ours, the clone. What a plugin
// adds to its own table later so cannot become a finaliser or make a weak table; a watch on that table brings the
// events that are allowed to the clone.

// In the registry, the clones of tables that have a metatable of their own; in the watch of the others, the clone.
static const char key_clones, key_clone;

static const char *const events[] = {
    "__index", "__newindex", "__call", "__tostring", "__name", "__len", "__eq", "__lt", "__le", "__unm", "__add", "__sub", "__mul",
    "__div", "__mod", "__pow", "__idiv", "__band", "__bor", "__bxor", "__bnot", "__shl", "__shr", "__pairs", NULL,
};
// Ways to memory that is not ours in the Lua that systems ship. Programs depend on what these do; __gc and __mode
// are left out without a word, since without them a program does the same.
static const char *const refused[] = {"__close", "__concat", NULL};

static int on_new_key(lua_State *L);

// Pushes the clone of the table at `index`, or nil.
static bool find_clone(lua_State *L, int index) {
    if (lua_getmetatable(L, index)) {
        if (lua_rawgetp(L, -1, &key_clone) == LUA_TTABLE) {
            lua_remove(L, -2);
            return true;
        }
        lua_pop(L, 2);
    }
    lua_rawgetp(L, LUA_REGISTRYINDEX, &key_clones);
    lua_pushvalue(L, index);
    bool found = lua_rawget(L, -2) != LUA_TNIL;
    lua_remove(L, -2);
    return found;
}

// Sees to it that new keys of the table at `index`, whose clone is on top, are seen.
static void watch(lua_State *L, int index) {
    int clone = lua_gettop(L);
    if (!lua_getmetatable(L, index)) {
        lua_createtable(L, 0, 2);
        lua_pushcfunction(L, on_new_key);
        lua_setfield(L, -2, "__newindex");
        lua_pushvalue(L, clone);
        lua_rawsetp(L, -2, &key_clone);
        lua_setmetatable(L, index);
        return;
    }
    lua_rawgetp(L, LUA_REGISTRYINDEX, &key_clones);
    lua_pushvalue(L, index);
    lua_pushvalue(L, clone);
    lua_rawset(L, -3);
    lua_pop(L, 1);
    // A metatable that is ours, and none of the plugin's own __newindex: that one comes to `rawset`.
    if (lua_rawgetp(L, -1, &key_original) == LUA_TTABLE) {
        lua_pushliteral(L, "__newindex");
        if (lua_rawget(L, -3) == LUA_TNIL) {
            lua_pushliteral(L, "__newindex");
            lua_pushcfunction(L, on_new_key);
            lua_rawset(L, -5);
        }
    }
    lua_settop(L, clone);
}

// Copies the event whose name is on top from the table at `index` to the clone; pops the name.
static void copy_event(lua_State *L, int index, int clone) {
    lua_pushvalue(L, -1);
    if (lua_rawget(L, index) == LUA_TNIL) {
        // The watch on an instance that is a metatable itself stays.
        lua_pushvalue(L, -2);
        lua_rawget(L, clone);
        bool ours = lua_tocfunction(L, -1) == on_new_key;
        lua_pop(L, 1);
        if (ours) {
            lua_pop(L, 2);
            return;
        }
    }
    lua_rawset(L, clone);
}

static void refuse_events(lua_State *L, int index) {
    for (const char *const *name = refused; *name; name++) {
        lua_pushstring(L, *name);
        if (lua_rawget(L, index) != LUA_TNIL) plugin_error(L, "the metatable event %s is not available to plugins", *name);
        lua_pop(L, 1);
    }
}

// Pushes the clone of the metatable at 2, up to date. New events are copied by the watch; here the others are.
static void push_clone(lua_State *L) {
    if (find_clone(L, 2)) {
        int clone = lua_gettop(L);
        for (lua_pushnil(L); lua_next(L, clone);) {
            if (lua_type(L, -2) == LUA_TSTRING) {
                lua_pushvalue(L, -2);
                lua_rawget(L, 2);
                bool same = lua_rawequal(L, -1, -2);
                lua_pop(L, 1);
                // The key exists: setting it does not disturb the traversal.
                if (!same) {
                    lua_pushvalue(L, -2);
                    copy_event(L, 2, clone);
                }
            }
            lua_pop(L, 1);
        }
        return;
    }
    lua_pop(L, 1);
    refuse_events(L, 2);
    lua_createtable(L, 0, 4);
    int clone = lua_gettop(L);
    lua_pushvalue(L, 2);
    lua_rawsetp(L, -2, &key_original);
    for (const char *const *name = events; *name; name++) {
        lua_pushstring(L, *name);
        lua_pushvalue(L, -1);
        if (lua_rawget(L, 2) == LUA_TNIL) lua_pop(L, 2);
        else lua_rawset(L, clone);
    }
    watch(L, 2);
}

// The key at 2 of the table at 1 has a new value: when that table is a metatable, an event may have changed.
static void key_set(lua_State *L) {
    if (lua_type(L, 2) != LUA_TSTRING || strncmp(lua_tostring(L, 2), "__", 2) != 0 || !find_clone(L, 1)) return;
    int clone = lua_gettop(L);
    refuse_events(L, 1);
    for (const char *const *name = events; *name; name++) {
        if (strcmp(lua_tostring(L, 2), *name) != 0) continue;
        lua_pushvalue(L, 2);
        copy_event(L, 1, clone);
    }
}

static int on_new_key(lua_State *L) {
    lua_settop(L, 3);
    if (lua_isnil(L, 2)) return luaL_error(L, "table index is nil");
    if (lua_type(L, 2) == LUA_TNUMBER && lua_tonumber(L, 2) != lua_tonumber(L, 2)) return luaL_error(L, "table index is NaN");
    lua_pushvalue(L, 2);
    lua_pushvalue(L, 3);
    lua_rawset(L, 1);
    key_set(L);
    return 0;
}

bool is_watch(lua_State *L, int index) { return lua_tocfunction(L, index) == on_new_key; }

// Pushes what guards the metatable of the value at 1, or nothing. Tables of ours are guarded unless they only mark an array.
static bool guarded(lua_State *L) {
    if (!lua_getmetatable(L, 1)) return false;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &key_array);
    bool array = lua_rawequal(L, -1, -2);
    lua_pop(L, 1);
    if (array || lua_rawgetp(L, -1, &key_clone) == LUA_TTABLE) {
        lua_pop(L, array ? 1 : 2);
        return false;
    }
    lua_pop(L, 1);
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
    if (guarded(L)) return luaL_error(L, "cannot change a protected metatable");
    lua_settop(L, 2);
    if (type == LUA_TTABLE) push_clone(L);
    else lua_pushnil(L);
    // A table that is a metatable itself must stay watched.
    bool watched = find_clone(L, 1);
    lua_pushvalue(L, 3);
    lua_setmetatable(L, 1);
    if (watched) watch(L, 1);
    lua_settop(L, 1);
    return 1;
}

static int get_metatable(lua_State *L) {
    luaL_checkany(L, 1);
    if (guarded(L)) return 1;
    if (!lua_getmetatable(L, 1)) lua_pushnil(L);
    else lua_rawgetp(L, -1, &key_original);
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
    lua_pushvalue(L, 2);
    lua_pushvalue(L, 3);
    lua_rawset(L, 1);
    key_set(L);
    lua_settop(L, 1);
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
