// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include <string.h>

#include "sandbox.h"

// The string library. Functions that can run long or show an address are ours; patterns.c has those that match.

static const char *const stock_names[] = {
    "char", "len", "packsize", "sub", "unpack", NULL,
};
static const char *const building_names[] = {"lower", "pack", "reverse", "upper", NULL};

// A stock function that builds its result in a buffer: what that may need is free before.
static int build(lua_State *L) {
    size_t total = 0;
    for (int i = lua_gettop(L); i > 0; i--) {
        if (lua_type(L, i) == LUA_TSTRING) total += lua_rawlen(L, i);
    }
    make_room(L, 2 * total);
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

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
    charge(L, (uint64_t)times / 4);
    size_t total = length * (size_t)times + gap * ((size_t)times - 1);
    char *at = start_buffer(L, &buffer, total);
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

// "10" + 1: numbers in strings count as such; else the other operand's metamethod is called, as stock Lua does.
struct operator {
    const char *event;
    int code;
};
static const struct operator operators[] = {
    {"__add", LUA_OPADD}, {"__sub", LUA_OPSUB}, {"__mul", LUA_OPMUL},   {"__mod", LUA_OPMOD},
    {"__pow", LUA_OPPOW}, {"__div", LUA_OPDIV}, {"__idiv", LUA_OPIDIV}, {"__unm", LUA_OPUNM},
};

static bool push_number(lua_State *L, int index) {
    size_t length;
    if (lua_type(L, index) == LUA_TNUMBER) {
        lua_pushvalue(L, index);
        return true;
    }
    const char *text = lua_type(L, index) == LUA_TSTRING ? lua_tolstring(L, index, &length) : NULL;
    return text && lua_stringtonumber(L, text) == length + 1;
}

static int finish_operator(lua_State *L, int status, lua_KContext context) {
    (void)L;
    (void)status;
    (void)context;
    return 1;
}

static int calculate(lua_State *L) {
    const struct operator *operator = &operators[lua_tointeger(L, lua_upvalueindex(1))];
    lua_settop(L, 2);
    if (push_number(L, 1) && push_number(L, 2)) {
        lua_arith(L, operator->code);
        return 1;
    }
    lua_settop(L, 2);
    if (lua_type(L, 2) == LUA_TSTRING || luaL_getmetafield(L, 2, operator->event) == LUA_TNIL)
        return luaL_error(L, "attempt to %s a '%s' with a '%s'", operator->event + 2, luaL_typename(L, 1), luaL_typename(L, 2));
    lua_insert(L, 1);
    lua_callk(L, 2, 1, 0, finish_operator);
    return 1;
}

// Below the new table on top stands the stock one.
void open_strings(lua_State *L) {
    static const luaL_Reg functions[] = {{"byte", byte}, {"format", format_string}, {"rep", rep}, {NULL, NULL}};
    int stock = lua_gettop(L) - 1, ours = stock + 1;
    for (const char *const *name = stock_names; *name; name++) {
        lua_getfield(L, stock, *name);
        lua_setfield(L, ours, *name);
    }
    for (const char *const *name = building_names; *name; name++) {
        lua_getfield(L, stock, *name);
        lua_pushcclosure(L, build, 1);
        lua_setfield(L, ours, *name);
    }
    set_functions(L, functions);
    open_patterns(L);

    // A metatable of our own for all strings: nothing in it can be reached or changed.
    lua_pushliteral(L, "");
    lua_newtable(L);
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        lua_pushinteger(L, (lua_Integer)i);
        lua_pushcclosure(L, calculate, 1);
        lua_setfield(L, -2, operators[i].event);
    }
    lua_pushvalue(L, ours);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    lua_settop(L, ours);
}
