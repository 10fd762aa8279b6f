// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include <string.h>

#include "sandbox.h"

// What ctx.http does inside the cell: short forms of request, and the shapes in which a secret is written.

static const char key_response;

static int request_with(lua_State *L, const char *method) {
    luaL_argexpected(L, lua_type(L, 1) == LUA_TSTRING || lua_type(L, 1) == LUA_TUSERDATA, 1, "a URL");
    lua_settop(L, 2);
    lua_createtable(L, 0, 6);
    if (!lua_isnil(L, 2)) {
        luaL_checktype(L, 2, LUA_TTABLE);
        for (lua_pushnil(L); lua_next(L, 2);) {
            lua_pushvalue(L, -2);
            lua_insert(L, -2);
            lua_rawset(L, 3);
        }
    }
    lua_pushstring(L, method);
    lua_setfield(L, 3, "method");
    lua_pushvalue(L, 1);
    lua_setfield(L, 3, "url");
    lua_replace(L, 1);
    lua_settop(L, 1);
    return call_host(L, "http.request");
}

static int get(lua_State *L) { return request_with(L, "GET"); }
static int post(lua_State *L) { return request_with(L, "POST"); }

// The name inside a handle that is still plain; other forms cannot be changed into one another.
static struct text plain_name(lua_State *L, int index, const char *function) {
    struct reader payload;
    uint32_t count = 0;
    struct text name = {0}, form = {0};
    if (!secret_payload(L, index, &payload) || !read_count(&payload, ITEM_ARRAY, &count) || !read_text(&payload, &name) ||
        !read_text(&payload, &form) || !text_is(form, "raw"))
        plugin_error(L, "ctx.http.%s wants a secret as it stands in ctx.secret", function);
    return name;
}

static int push_form(lua_State *L, struct text name, const char *form, const char *user, size_t user_length) {
    uint8_t bytes[2400];
    struct writer w = {bytes, 0, sizeof bytes};
    bool fits = user_length <= 1024 && write_array(&w, user ? 3 : 2) && write_text(&w, name.at, name.length) && write_string(&w, form);
    if (fits && user) fits = write_text(&w, user, user_length);
    if (!fits) return plugin_error(L, "the user name is too long");
    push_secret(L, (struct reader){bytes, bytes + w.length});
    return 1;
}

static int bearer(lua_State *L) {
    if (lua_type(L, 1) == LUA_TSTRING) {
        lua_pushfstring(L, "Bearer %s", lua_tostring(L, 1));
        return 1;
    }
    return push_form(L, plain_name(L, 1, "bearer"), "bearer", NULL, 0);
}

// The host reads text where a secret is put together; bytes that are none would end the whole cell.
static void require_utf8(lua_State *L, const char *text, size_t length, const char *function) {
    for (const unsigned char *at = (const unsigned char *)text, *end = at + length; at < end;) {
        size_t n = utf8_length(at, end);
        if (n == 0) plugin_error(L, "ctx.http.%s: a text is not UTF-8", function);
        at += n;
    }
}

static int basic(lua_State *L) {
    size_t length;
    const char *user = luaL_checklstring(L, 1, &length);
    if (memchr(user, ':', length)) return plugin_error(L, "ctx.http.basic: a user name has no ':'");
    if (lua_type(L, 2) == LUA_TSTRING) {
        lua_settop(L, 2);
        lua_pushliteral(L, ":");
        lua_insert(L, 2);
        lua_concat(L, 3);
        encode_base64(L);
        lua_pushfstring(L, "Basic %s", lua_tostring(L, -1));
        return 1;
    }
    require_utf8(L, user, length, "basic");
    return push_form(L, plain_name(L, 2, "basic"), "basic", user, length);
}

// text{"Your code is ", handle}: a text that the host completes.
static int text(lua_State *L) {
    uint8_t *bytes = scratch();
    struct writer w = {bytes, 0, SECRET_BYTES_MAX};
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Unsigned count = lua_rawlen(L, 1);
    if (count > 64) return plugin_error(L, "ctx.http.text: more than 64 parts");
    bool fits = write_array(&w, 3) && write_string(&w, "") && write_string(&w, "text") && write_array(&w, (uint32_t)count);
    for (lua_Unsigned i = 1; i <= count && fits; i++) {
        size_t length;
        lua_rawgeti(L, 1, (lua_Integer)i);
        if (lua_type(L, -1) == LUA_TSTRING || lua_type(L, -1) == LUA_TNUMBER) {
            const char *part = lua_tolstring(L, -1, &length);
            require_utf8(L, part, length, "text");
            fits = write_text(&w, part, length);
        } else if (lua_isboolean(L, -1)) {
            fits = write_string(&w, lua_toboolean(L, -1) ? "true" : "false");
        } else {
            struct text name = plain_name(L, -1, "text");
            fits = write_array(&w, 1) && write_text(&w, name.at, name.length);
        }
        lua_pop(L, 1);
    }
    if (!fits) return plugin_error(L, "ctx.http.text: the text is larger than 16 KiB");
    push_secret(L, (struct reader){bytes, bytes + w.length});
    return 1;
}

static int response_json(lua_State *L) {
    size_t length;
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_getfield(L, 1, "body");
    const char *body = lua_tolstring(L, -1, &length);
    if (lua_type(L, -1) != LUA_TSTRING) return plugin_error(L, "the response has no body");
    return decode_json(L, body, length);
}

void push_response(lua_State *L) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &key_response);
    lua_setmetatable(L, -2);
}

// The table of namespaces is on top.
void open_http(lua_State *L) {
    static const luaL_Reg functions[] = {{"basic", basic}, {"bearer", bearer}, {"get", get}, {"post", post}, {"text", text}, {NULL, NULL}};
    static const luaL_Reg methods[] = {{"json", response_json}, {NULL, NULL}};
    luaL_newlib(L, functions);
    lua_setfield(L, -2, "http");

    lua_createtable(L, 0, 1);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &key_response);
}
