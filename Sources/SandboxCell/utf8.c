// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include <limits.h>

#include "sandbox.h"

// The utf8 library. "Lax" sequences have up to six bytes, as Lua understands them.

enum { RESULTS_MAX = 8000 };
static const uint32_t lax_max = 0x7fffffff, unicode_max = 0x10ffff;
static const char invalid[] = "invalid UTF-8 code";
static const char charpattern[] = "[\0-\x7F\xC2-\xFD][\x80-\xBF]*";

static bool continues(const char *s, const char *end) { return s < end && (*s & 0xc0) == 0x80; }

// The byte behind the character at `s`, or NULL.
static const char *decode(const char *s, const char *end, uint32_t *code, bool lax) {
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000, 0x200000, 0x4000000};
    unsigned char first = (unsigned char)*s++;
    unsigned more = first < 0x80 ? 0 : (unsigned)__builtin_clz(~((unsigned)first << 24)) - 1;
    *code = first;
    if (first < 0x80) return s;
    if (more == 0 || more > 5) return NULL;
    *code = first & (0x3fu >> more);
    for (unsigned i = 0; i < more; i++) {
        if (!continues(s, end)) return NULL;
        *code = *code << 6 | (*s++ & 0x3f);
    }
    if (*code < least[more] || *code > lax_max) return NULL;
    if (!lax && (*code > unicode_max || (*code >= 0xd800 && *code <= 0xdfff))) return NULL;
    return s;
}

static lua_Integer absolute(lua_Integer position, size_t length) {
    if (position >= 0) return position;
    return position < -(lua_Integer)length ? 0 : (lua_Integer)length + position + 1;
}

static int length(lua_State *L) {
    size_t size;
    const char *s = luaL_checklstring(L, 1, &size), *end = s + size, *at = s;
    lua_Integer from = absolute(luaL_optinteger(L, 2, 1), size), to = absolute(luaL_optinteger(L, 3, -1), size), count = 0;
    bool lax = lua_toboolean(L, 4);
    uint32_t code;
    luaL_argcheck(L, from >= 1 && from - 1 <= (lua_Integer)size, 2, "initial position out of bounds");
    luaL_argcheck(L, to - 1 < (lua_Integer)size, 3, "final position out of bounds");
    charge(L, size / 16);
    for (at += from - 1; at < s + to; count++) {
        const char *next = decode(at, end, &code, lax);
        if (!next) {
            lua_pushnil(L);
            lua_pushinteger(L, at - s + 1);
            return 2;
        }
        at = next;
    }
    lua_pushinteger(L, count);
    return 1;
}

static int codepoint(lua_State *L) {
    size_t size;
    const char *s = luaL_checklstring(L, 1, &size), *at = s;
    lua_Integer from = absolute(luaL_optinteger(L, 2, 1), size), to = absolute(luaL_optinteger(L, 3, from), size);
    bool lax = lua_toboolean(L, 4);
    luaL_argcheck(L, from >= 1, 2, "out of bounds");
    luaL_argcheck(L, to <= (lua_Integer)size, 3, "out of bounds");
    if (from > to) return 0;
    if (to - from >= RESULTS_MAX) plugin_error(L, "utf8.codepoint: more than 8000 results");
    luaL_checkstack(L, (int)(to - from + 1), "string slice too long");
    int count = 0;
    for (at += from - 1; at < s + to; count++) {
        uint32_t code;
        at = decode(at, s + size, &code, lax);
        if (!at) return luaL_error(L, invalid);
        lua_pushinteger(L, code);
    }
    return count;
}

static int character(lua_State *L) {
    luaL_Buffer buffer;
    int count = lua_gettop(L);
    luaL_buffinit(L, &buffer);
    for (int i = 1; i <= count; i++) {
        lua_Unsigned code = (lua_Unsigned)luaL_checkinteger(L, i);
        luaL_argcheck(L, code <= lax_max, i, "value out of range");
        lua_pushfstring(L, "%U", (long)code);
        luaL_addvalue(&buffer);
    }
    luaL_pushresult(&buffer);
    return 1;
}

static int offset(lua_State *L) {
    size_t size;
    const char *s = luaL_checklstring(L, 1, &size), *end = s + size;
    lua_Integer n = luaL_checkinteger(L, 2);
    lua_Integer position = absolute(luaL_optinteger(L, 3, n >= 0 ? 1 : (lua_Integer)size + 1), size);
    luaL_argcheck(L, position >= 1 && position - 1 <= (lua_Integer)size, 3, "position out of bounds");
    const char *at = s + position - 1;
    charge(L, size / 16);
    if (n == 0) {
        while (at > s && continues(at, end)) at--;
    } else if (continues(at, end)) {
        return luaL_error(L, "initial position is a continuation byte");
    } else if (n < 0) {
        for (; n < 0 && at > s; n++) {
            do at--;
            while (at > s && continues(at, end));
        }
    } else {
        for (n--; n > 0 && at < end; n--) {
            do at++;
            while (continues(at, end));
        }
    }
    if (n == 0) lua_pushinteger(L, at - s + 1);
    else lua_pushnil(L);
    return 1;
}

static int next_code(lua_State *L, bool lax) {
    size_t size;
    const char *s = luaL_checklstring(L, 1, &size), *end = s + size;
    lua_Unsigned position = (lua_Unsigned)lua_tointeger(L, 2);
    if (position >= size) return 0;
    const char *at = s + position;
    while (continues(at, end)) at++;
    if (at == end) return 0;
    uint32_t code;
    if (!decode(at, end, &code, lax)) return luaL_error(L, invalid);
    lua_pushinteger(L, at - s + 1);
    lua_pushinteger(L, code);
    return 2;
}

static int next_strict(lua_State *L) { return next_code(L, false); }
static int next_lax(lua_State *L) { return next_code(L, true); }

static int codes(lua_State *L) {
    bool lax = lua_toboolean(L, 2);
    luaL_checkstring(L, 1);
    lua_pushcfunction(L, lax ? next_lax : next_strict);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    return 3;
}

void open_utf8(lua_State *L) {
    static const luaL_Reg functions[] = {{"char", character}, {"codepoint", codepoint}, {"codes", codes},
                                         {"len", length},     {"offset", offset},       {NULL, NULL}};
    set_functions(L, functions);
    lua_pushlstring(L, charpattern, sizeof charpattern - 1);
    lua_setfield(L, -2, "charpattern");
}
