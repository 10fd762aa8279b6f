// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include <string.h>

#include "sandbox.h"

// The string library. Functions that can run long or show an address are ours; patterns.c has those that match.

static const char *const stock_names[] = {
    "char", "len", "lower", "pack", "packsize", "reverse", "sub", "unpack", "upper", NULL,
};
static const char *const arithmetic[] = {"__add", "__sub", "__mul", "__mod", "__pow", "__div", "__idiv", "__unm", NULL};

static int rep(lua_State *L) {
    size_t length, gap;
    const char *text = luaL_checklstring(L, 1, &length);
    lua_Integer times = luaL_checkinteger(L, 2);
    const char *separator = luaL_optlstring(L, 3, "", &gap);
    if (times <= 0 || length + gap == 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    if ((lua_Unsigned)times > STRING_BYTES_MAX || (length + gap) * (size_t)times > STRING_BYTES_MAX)
        return plugin_error(L, "string.rep: the result would be larger than 1 MiB");
    luaL_Buffer buffer;
    size_t total = length * (size_t)times + gap * ((size_t)times - 1);
    char *at = luaL_buffinitsize(L, &buffer, total);
    for (lua_Integer i = 0; i < times; i++) {
        memcpy(at, text, length);
        at += length;
        if (gap && i + 1 < times) {
            memcpy(at, separator, gap);
            at += gap;
        }
    }
    luaL_pushresultsize(&buffer, total);
    return 1;
}

static int byte(lua_State *L) {
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    lua_Integer from = luaL_optinteger(L, 2, 1), to = luaL_optinteger(L, 3, from), size = (lua_Integer)length;
    if (from < 0) from = from < -size ? 1 : from + size + 1;
    else if (from == 0) from = 1;
    if (to < 0) to = to < -size ? 0 : to + size + 1;
    if (to > size) to = size;
    if (from > to) return 0;
    if (to - from >= 8000) return plugin_error(L, "string.byte: more than 8000 results");
    luaL_checkstack(L, (int)(to - from + 1), "string.byte");
    for (lua_Integer i = from; i <= to; i++) lua_pushinteger(L, (unsigned char)text[i - 1]);
    return (int)(to - from + 1);
}

// Checks each argument here, where errors find the plugin's line, and replaces what would show an address.
static int format(lua_State *L) {
    size_t length;
    int argument = 1, top = lua_gettop(L);
    const char *at = luaL_checklstring(L, 1, &length), *end = at + length;
    while (at < end) {
        if (*at++ != '%') continue;
        if (at < end && *at == '%') {
            at++;
            continue;
        }
        while (at < end && strchr("-+ #0.123456789", *at)) at++;
        if (at == end) break;
        if (++argument > top) return luaL_argerror(L, argument, "no value");
        switch (*at++) {
        case 'p': return plugin_error(L, "string.format: '%%p' is not available to plugins");
        case 'c': case 'd': case 'i': case 'o': case 'u': case 'x': case 'X': luaL_checkinteger(L, argument); break;
        case 'a': case 'A': case 'e': case 'E': case 'f': case 'F': case 'g': case 'G': luaL_checknumber(L, argument); break;
        case 's':
            if (lua_type(L, argument) > LUA_TSTRING || lua_type(L, argument) == LUA_TLIGHTUSERDATA) {
                push_tostring(L, argument);
                lua_replace(L, argument);
            }
            break;
        default: break;
        }
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    int status = lua_pcall(L, top, 1, 0);
    if (status == LUA_OK) return 1;
    if (current->killed || status == LUA_ERRMEM || lua_type(L, -1) != LUA_TSTRING) return lua_error(L);
    return plugin_error(L, "%s", lua_tostring(L, -1));
}

// Below the new table on top stands the stock one.
void open_strings(lua_State *L) {
    static const luaL_Reg functions[] = {{"byte", byte}, {"rep", rep}, {NULL, NULL}};
    int stock = lua_gettop(L) - 1, ours = stock + 1;
    for (const char *const *name = stock_names; *name; name++) {
        lua_getfield(L, stock, *name);
        lua_setfield(L, ours, *name);
    }
    set_functions(L, functions);
    open_patterns(L);
    lua_getfield(L, stock, "format");
    lua_pushcclosure(L, format, 1);
    lua_setfield(L, ours, "format");

    // A metatable of our own for all strings: nothing in it can be reached or changed.
    lua_pushliteral(L, "");
    lua_newtable(L);
    if (lua_getmetatable(L, -2)) {
        for (const char *const *name = arithmetic; *name; name++) {
            lua_getfield(L, -1, *name);
            lua_setfield(L, -3, *name);
        }
        lua_pop(L, 1);
    }
    lua_pushvalue(L, ours);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    lua_settop(L, ours);
}
