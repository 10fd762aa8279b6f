// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include "sandbox.h"

// tostring and print: a type and a serial number, never an address. __tostring may make host calls.

static const char key_serials;

// The serial number of the value at `index`, given when it is first shown.
static lua_Integer serial_of(lua_State *L, int index) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &key_serials);
    lua_pushvalue(L, index);
    if (lua_rawget(L, -2) == LUA_TNIL) {
        lua_rawgeti(L, -2, 0);
        lua_Integer next = lua_tointeger(L, -1) + 1;
        lua_pushinteger(L, next);
        lua_rawseti(L, -4, 0);
        lua_pop(L, 2);
        lua_pushvalue(L, index);
        lua_pushinteger(L, next);
        lua_rawset(L, -3);
        lua_pushinteger(L, next);
    }
    lua_Integer serial = lua_tointeger(L, -1);
    lua_pop(L, 2);
    return serial;
}

void push_text(lua_State *L, int index, lua_KContext context, lua_KFunction next) {
    index = lua_absindex(L, index);
    if (luaL_getmetafield(L, index, "__tostring") != LUA_TNIL) {
        lua_pushvalue(L, index);
        lua_callk(L, 1, 1, context, next);
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
    int type = luaL_getmetafield(L, index, "__name");
    if (type != LUA_TSTRING) {
        if (type != LUA_TNIL) lua_pop(L, 1);
        lua_pushstring(L, luaL_typename(L, index));
    }
    lua_pushfstring(L, "%s: %I", lua_tostring(L, -1), serial_of(L, index));
    lua_remove(L, -2);
}

void check_text(lua_State *L) {
    if (!lua_isstring(L, -1)) luaL_error(L, "'__tostring' must return a string");
    lua_tolstring(L, -1, NULL);
}

static int finish_tostring(lua_State *L, int status, lua_KContext context) {
    (void)status;
    (void)context;
    check_text(L);
    return 1;
}

static int tostring(lua_State *L) {
    luaL_checkany(L, 1);
    push_text(L, 1, 0, finish_tostring);
    return finish_tostring(L, LUA_OK, 0);
}

static int print_line(lua_State *L, int count) {
    luaL_Buffer buffer;
    size_t length;
    luaL_buffinit(L, &buffer);
    for (int i = 1; i <= count; i++) {
        const char *text = lua_tolstring(L, i, &length);
        if (i > 1) luaL_addchar(&buffer, '\t');
        if (length > STRING_BYTES_MAX - luaL_bufflen(&buffer)) plugin_error(L, "print: the line would be larger than 1 MiB");
        make_room(L, 2 * (luaL_bufflen(&buffer) + length));
        luaL_addlstring(&buffer, text, length);
    }
    luaL_pushresult(&buffer);
    const char *text = lua_tolstring(L, -1, &length);
    write_log(L, "info", text, length, 0);
    return 0;
}

// Replaces the arguments by their texts; `done` of them are, and one more when a metamethod yielded.
static int show_arguments(lua_State *L, int status, lua_KContext done) {
    if (status == LUA_YIELD) {
        check_text(L);
        lua_replace(L, (int)++done);
    }
    int count = lua_gettop(L);
    for (int i = (int)done + 1; i <= count; i++) {
        push_text(L, i, i - 1, show_arguments);
        check_text(L);
        lua_replace(L, i);
    }
    return print_line(L, count);
}

static int print(lua_State *L) { return show_arguments(L, LUA_OK, 0); }

void open_show(lua_State *L) {
    static const luaL_Reg functions[] = {{"print", print}, {"tostring", tostring}, {NULL, NULL}};
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &key_serials);
    set_functions(L, functions);
}
