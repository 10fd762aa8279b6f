// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox.h"

// Writes JSON. Tables of the plugin are read raw; members stand in the order of their names.

struct printer {
    lua_State *L;
    struct writer out;
    unsigned depth;
};

static void put(struct printer *p, const char *text, size_t length) {
    if (!write_raw(&p->out, text, length)) plugin_error(p->L, "ctx.json.encode: the result would be larger than 1 MiB");
}

static void put_string(struct printer *p, const char *text, size_t length) {
    charge(p->L, 1 + length / 64);
    const unsigned char *at = (const unsigned char *)text, *end = at + length, *from = at;
    put(p, "\"", 1);
    while (at < end) {
        if (*at >= 0x20 && *at < 0x80 && *at != '"' && *at != '\\') {
            at++;
            continue;
        }
        if (*at >= 0x80) {
            size_t n = utf8_length(at, end);
            if (n == 0) plugin_error(p->L, "ctx.json.encode: a string is not UTF-8; encode bytes as base64");
            at += n;
            continue;
        }
        put(p, (const char *)from, (size_t)(at - from));
        char escaped[8];
        const char *simple = *at ? strchr("\"\"\\\\\bb\ff\nn\rr\tt", *at) : NULL;
        if (simple) snprintf(escaped, sizeof escaped, "\\%c", simple[1]);
        else snprintf(escaped, sizeof escaped, "\\u%04x", *at);
        put(p, escaped, strlen(escaped));
        from = ++at;
    }
    put(p, (const char *)from, (size_t)(at - from));
    put(p, "\"", 1);
}

static void print_value(struct printer *p, int index);

static void print_number(struct printer *p, int index) {
    char text[40];
    if (lua_isinteger(p->L, index)) {
        snprintf(text, sizeof text, "%lld", (long long)lua_tointeger(p->L, index));
    } else {
        double d = lua_tonumber(p->L, index);
        if (!isfinite(d)) plugin_error(p->L, "ctx.json.encode: JSON has no infinity and no NaN");
        for (int precision = 15; precision <= 17; precision++) {
            snprintf(text, sizeof text, "%.*g", precision, d);
            if (strtod(text, NULL) == d) break;
        }
        if (!strpbrk(text, ".e")) strcat(text, ".0");
    }
    put(p, text, strlen(text));
}

static int compare_keys(const void *a, const void *b) {
    const struct text *x = a, *y = b;
    size_t shorter = x->length < y->length ? x->length : y->length;
    int order = memcmp(x->at, y->at, shorter);
    return order ? order : (x->length > y->length) - (x->length < y->length);
}

// Members in the order of their names: the same value is always the same text.
static void print_object(struct printer *p, int index) {
    lua_State *L = p->L;
    size_t count = 0;
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING) plugin_error(L, "ctx.json.encode: a table mixes names with other keys");
        count++;
    }
    if (count > VALUE_NODES_MAX) plugin_error(L, "ctx.json.encode: a table has more than 10000 members");
    struct text *keys = lua_newuserdatauv(L, count * sizeof *keys + 1, 0);
    count = 0;
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        keys[count].at = lua_tolstring(L, -2, &keys[count].length);
        count++;
    }
    sort_items(keys, count, sizeof *keys, compare_keys);
    put(p, "{", 1);
    for (size_t i = 0; i < count; i++) {
        if (i) put(p, ",", 1);
        put_string(p, keys[i].at, keys[i].length);
        put(p, ":", 1);
        lua_pushlstring(L, keys[i].at, keys[i].length);
        lua_rawget(L, index);
        print_value(p, lua_gettop(L));
        lua_pop(L, 1);
    }
    put(p, "}", 1);
}

static void print_table(struct printer *p, int index) {
    lua_State *L = p->L;
    int top = lua_gettop(L);
    bool marked = false;
    if (++p->depth > VALUE_DEPTH_MAX) plugin_error(L, "ctx.json.encode: nested more than 32 levels deep");
    luaL_checkstack(L, 10, "JSON");
    if (lua_getmetatable(L, index)) {
        lua_rawgetp(L, LUA_REGISTRYINDEX, &key_array);
        marked = lua_rawequal(L, -1, -2);
        if (lua_rawgetp(L, -2, &key_inner) == LUA_TTABLE) index = lua_gettop(L);
    }
    lua_Unsigned length = lua_rawlen(L, index), keys = 0;
    if (length > 0 || marked) {
        for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
            if (!lua_isinteger(L, -2) || lua_tointeger(L, -2) < 1 || (lua_Unsigned)lua_tointeger(L, -2) > length)
                plugin_error(L, "ctx.json.encode: a table mixes an array with other keys");
            keys++;
        }
        if (keys != length) plugin_error(L, "ctx.json.encode: an array has holes; use panel.null");
        put(p, "[", 1);
        for (lua_Unsigned i = 1; i <= length; i++) {
            if (i > 1) put(p, ",", 1);
            lua_rawgeti(L, index, (lua_Integer)i);
            print_value(p, lua_gettop(L));
            lua_pop(L, 1);
        }
        put(p, "]", 1);
    } else {
        print_object(p, index);
    }
    lua_settop(L, top);
    p->depth--;
}

static void print_value(struct printer *p, int index) {
    lua_State *L = p->L;
    struct reader secret;
    size_t length;
    switch (lua_type(L, index)) {
    case LUA_TNIL:
    case LUA_TLIGHTUSERDATA: put(p, "null", 4); return;
    case LUA_TBOOLEAN: lua_toboolean(L, index) ? put(p, "true", 4) : put(p, "false", 5); return;
    case LUA_TNUMBER: print_number(p, index); return;
    case LUA_TSTRING: {
        const char *text = lua_tolstring(L, index, &length);
        put_string(p, text, length);
        return;
    }
    case LUA_TTABLE: print_table(p, index); return;
    default:
        if (secret_payload(L, index, &secret))
            plugin_error(L, "ctx.json.encode: a secret cannot be encoded; put it into `json` of ctx.http.request");
        plugin_error(L, "ctx.json.encode: a %s value cannot be encoded", luaL_typename(L, index));
    }
}

int json_encode(lua_State *L) {
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    struct printer p = {.L = L, .out = {.base = scratch(), .limit = STRING_BYTES_MAX}};
    print_value(&p, 1);
    lua_pushlstring(L, (const char *)p.out.base, p.out.length);
    return 1;
}
