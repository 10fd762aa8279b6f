// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include <stdio.h>
#include <string.h>

#include "frames.h"

// The globals of a plugin are built from an empty table. What is not named here, or set by one of the `open_…`
// functions below, does not exist. docs/sandbox-globals.txt lists the result; a test compares both.

const char key_operations, key_ctx, key_array, key_frozen, key_original, key_inner;
static const char key_serials;

static const char *const base_names[] = {
    "assert", "error", "ipairs", "next", "pairs", "rawequal", "rawget", "rawlen", "select", "tonumber", "type", NULL,
};
static const char *const math_names[] = {
    "abs", "acos", "asin", "atan", "ceil", "cos", "deg", "exp", "floor", "fmod", "huge", "log", "max", "maxinteger",
    "min", "mininteger", "modf", "pi", "rad", "sin", "sqrt", "tan", "tointeger", "type", "ult", NULL,
};
static const char *const utf8_names[] = {"char", "charpattern", "codes", "len", "offset", NULL};

void set_functions(lua_State *L, const luaL_Reg *functions) { luaL_setfuncs(L, functions, 0); }

// Copies the named members of the table at `from` to the table on top.
static void copy_members(lua_State *L, int from, const char *const *names) {
    for (; *names; names++) {
        lua_getfield(L, from, *names);
        lua_setfield(L, -2, *names);
    }
}

void push_tostring(lua_State *L, int index) {
    index = lua_absindex(L, index);
    if (luaL_callmeta(L, index, "__tostring")) {
        if (lua_type(L, -1) != LUA_TSTRING) plugin_error(L, "'__tostring' must return a string");
        return;
    }
    switch (lua_type(L, index)) {
    case LUA_TNIL: lua_pushliteral(L, "nil"); return;
    case LUA_TBOOLEAN: lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false"); return;
    case LUA_TNUMBER:
    case LUA_TSTRING:
        lua_pushvalue(L, index);
        lua_tolstring(L, -1, NULL);
        return;
    case LUA_TLIGHTUSERDATA: lua_pushliteral(L, "null"); return;
    default: break;
    }
    // A serial number instead of an address.
    lua_rawgetp(L, LUA_REGISTRYINDEX, &key_serials);
    lua_pushvalue(L, index);
    if (lua_rawget(L, -2) == LUA_TNIL) {
        lua_pop(L, 1);
        lua_rawgeti(L, -1, 0);
        lua_Integer next = lua_tointeger(L, -1) + 1;
        lua_pop(L, 1);
        lua_pushinteger(L, next);
        lua_rawseti(L, -2, 0);
        lua_pushvalue(L, index);
        lua_pushinteger(L, next);
        lua_rawset(L, -3);
        lua_pushinteger(L, next);
    }
    lua_pushfstring(L, "%s: %d", luaL_typename(L, index), (int)lua_tointeger(L, -1));
    lua_replace(L, -3);
    lua_pop(L, 1);
}

static int tostring(lua_State *L) {
    luaL_checkany(L, 1);
    push_tostring(L, 1);
    return 1;
}

static int print(lua_State *L) {
    luaL_Buffer buffer;
    int count = lua_gettop(L);
    luaL_buffinit(L, &buffer);
    for (int i = 1; i <= count; i++) {
        if (i > 1) luaL_addchar(&buffer, '\t');
        push_tostring(L, i);
        luaL_addvalue(&buffer);
    }
    luaL_pushresult(&buffer);
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    write_log(L, "info", text, length, 0);
    return 0;
}

static int codepoint(lua_State *L) {
    size_t length;
    luaL_checklstring(L, 1, &length);
    lua_Integer from = luaL_optinteger(L, 2, 1), to = luaL_optinteger(L, 3, from);
    if (to < 0) to += (lua_Integer)length + 1;
    if (from < 0) from += (lua_Integer)length + 1;
    if (to - from >= 8000) plugin_error(L, "utf8.codepoint: more than 8000 results");
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    return lua_gettop(L);
}

static void push_stock(lua_State *L, lua_CFunction open) {
    lua_pushcfunction(L, open);
    lua_call(L, 0, 1);
}

int open_environment(lua_State *L) {
    static const luaL_Reg functions[] = {{"print", print}, {"require", require_file}, {"tostring", tostring}, {NULL, NULL}};

    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &key_serials);
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

    push_stock(L, luaopen_utf8);
    lua_newtable(L);
    copy_members(L, lua_gettop(L) - 1, utf8_names);
    lua_getfield(L, -2, "codepoint");
    lua_pushcclosure(L, codepoint, 1);
    lua_setfield(L, -2, "codepoint");
    lua_setfield(L, globals, "utf8");
    lua_pop(L, 1);

    open_panel(L);
    open_context(L);

    lua_pushvalue(L, globals);
    place_functions(L, 1);
    push_statics(L);
    place_functions(L, 1);

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
