// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox.h"

// Reads JSON, RFC 8259 to the letter. Integers stay integers. A member that is null is left out, as a field that is nil
// would be; inside an array null is panel.null.

struct parser {
    lua_State *L;
    const char *start, *at, *end;
    const char *problem;
    unsigned depth, nodes;
};

static bool problem(struct parser *p, const char *text) {
    if (!p->problem) p->problem = text;
    return false;
}

static void skip_space(struct parser *p) {
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\n' || *p->at == '\r' || *p->at == '\t')) p->at++;
}

static bool word(struct parser *p, const char *text) {
    size_t length = strlen(text);
    if ((size_t)(p->end - p->at) < length || memcmp(p->at, text, length) != 0) return problem(p, "unexpected text");
    p->at += length;
    return true;
}

static bool number(struct parser *p) {
    const char *from = p->at;
    bool whole = true;
    if (p->at < p->end && *p->at == '-') p->at++;
    const char *first = p->at;
    while (p->at < p->end && *p->at >= '0' && *p->at <= '9') p->at++;
    if (p->at == first || (*first == '0' && p->at - first > 1)) return problem(p, "not a number");
    if (p->at < p->end && *p->at == '.') {
        whole = false;
        first = ++p->at;
        while (p->at < p->end && *p->at >= '0' && *p->at <= '9') p->at++;
        if (p->at == first) return problem(p, "not a number");
    }
    if (p->at < p->end && (*p->at == 'e' || *p->at == 'E')) {
        whole = false;
        p->at++;
        if (p->at < p->end && (*p->at == '+' || *p->at == '-')) p->at++;
        first = p->at;
        while (p->at < p->end && *p->at >= '0' && *p->at <= '9') p->at++;
        if (p->at == first) return problem(p, "not a number");
    }
    char text[400];
    size_t length = (size_t)(p->at - from);
    if (length >= sizeof text) return problem(p, "a number with too many digits");
    memcpy(text, from, length);
    text[length] = 0;
    if (whole && length <= 19 + (*from == '-')) {
        lua_Unsigned value = 0;
        bool negative = *from == '-', fits = true;
        for (const char *c = text + negative; *c; c++) {
            if (value > (UINT64_MAX - 9) / 10) fits = false;
            value = value * 10 + (lua_Unsigned)(*c - '0');
        }
        if (fits && value <= (lua_Unsigned)LUA_MAXINTEGER + negative) {
            lua_pushinteger(p->L, (lua_Integer)(negative ? 0 - value : value));
            return true;
        }
    }
    double value = strtod(text, NULL);
    if (!isfinite(value)) return problem(p, "a number that is too large");
    lua_pushnumber(p->L, value);
    return true;
}

static bool hex4(struct parser *p, unsigned *value) {
    *value = 0;
    if (p->end - p->at < 4) return false;
    for (int i = 0; i < 4; i++) {
        char c = *p->at++;
        unsigned d = c >= '0' && c <= '9' ? (unsigned)(c - '0') : (c | 32) >= 'a' && (c | 32) <= 'f' ? (unsigned)((c | 32) - 'a' + 10) : 16;
        if (d == 16) return false;
        *value = *value << 4 | d;
    }
    return true;
}

static size_t put_utf8(uint8_t *to, unsigned c) {
    if (c < 0x80) {
        to[0] = (uint8_t)c;
        return 1;
    }
    if (c < 0x800) {
        to[0] = (uint8_t)(0xc0 | c >> 6);
        to[1] = (uint8_t)(0x80 | (c & 63));
        return 2;
    }
    if (c < 0x10000) {
        to[0] = (uint8_t)(0xe0 | c >> 12);
        to[1] = (uint8_t)(0x80 | (c >> 6 & 63));
        to[2] = (uint8_t)(0x80 | (c & 63));
        return 3;
    }
    to[0] = (uint8_t)(0xf0 | c >> 18);
    to[1] = (uint8_t)(0x80 | (c >> 12 & 63));
    to[2] = (uint8_t)(0x80 | (c >> 6 & 63));
    to[3] = (uint8_t)(0x80 | (c & 63));
    return 4;
}

static bool escape(struct parser *p, uint8_t *to, size_t *length) {
    static const char from[] = "\"\\/bfnrt", meaning[] = "\"\\/\b\f\n\r\t";
    unsigned unit, low;
    if (p->at == p->end) return problem(p, "a string that does not end");
    char c = *p->at++;
    const char *simple = c ? strchr(from, c) : NULL;
    if (simple) {
        to[(*length)++] = (uint8_t)meaning[simple - from];
        return true;
    }
    if (c != 'u' || !hex4(p, &unit)) return problem(p, "an unknown escape");
    if (unit >= 0xdc00 && unit <= 0xdfff) return problem(p, "half of a surrogate pair");
    if (unit >= 0xd800 && unit <= 0xdbff) {
        if (p->end - p->at < 6 || p->at[0] != '\\' || p->at[1] != 'u') return problem(p, "half of a surrogate pair");
        p->at += 2;
        if (!hex4(p, &low) || low < 0xdc00 || low > 0xdfff) return problem(p, "half of a surrogate pair");
        unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    }
    *length += put_utf8(to + *length, unit);
    return true;
}

static bool string(struct parser *p) {
    uint8_t *to = scratch();
    size_t length = 0;
    const char *from = ++p->at;
    for (;;) {
        if (p->at == p->end) return problem(p, "a string that does not end");
        unsigned char c = (unsigned char)*p->at;
        if (c == '"') break;
        if (c < 0x20) return problem(p, "a control character in a string");
        if (c == '\\') {
            memcpy(to + length, from, (size_t)(p->at - from));
            length += (size_t)(p->at++ - from);
            if (!escape(p, to, &length)) return false;
            from = p->at;
            continue;
        }
        size_t n = utf8_length((const unsigned char *)p->at, (const unsigned char *)p->end);
        if (n == 0) return problem(p, "text that is not UTF-8");
        p->at += n;
    }
    if (length == 0) {
        lua_pushlstring(p->L, from, (size_t)(p->at - from));
    } else {
        memcpy(to + length, from, (size_t)(p->at - from));
        length += (size_t)(p->at - from);
        lua_pushlstring(p->L, (const char *)to, length);
    }
    p->at++;
    return true;
}

static bool value(struct parser *p);

static bool array(struct parser *p) {
    lua_State *L = p->L;
    lua_newtable(L);
    p->at++;
    skip_space(p);
    if (p->at < p->end && *p->at == ']') {
        p->at++;
        lua_rawgetp(L, LUA_REGISTRYINDEX, &key_array);
        lua_setmetatable(L, -2);
        return true;
    }
    for (lua_Integer i = 1;; i++) {
        if (!value(p)) return false;
        if (lua_isnil(L, -1)) {
            lua_pop(L, 1);
            lua_pushlightuserdata(L, NULL);
        }
        lua_rawseti(L, -2, i);
        skip_space(p);
        if (p->at == p->end) return problem(p, "an array that does not end");
        char c = *p->at++;
        if (c == ']') return true;
        if (c != ',') return p->at--, problem(p, "',' or ']' was expected");
    }
}

static bool object(struct parser *p) {
    lua_State *L = p->L;
    lua_newtable(L);
    p->at++;
    skip_space(p);
    if (p->at < p->end && *p->at == '}') {
        p->at++;
        return true;
    }
    for (;;) {
        skip_space(p);
        if (p->at == p->end || *p->at != '"') return problem(p, "the name of a member was expected");
        if (!string(p)) return false;
        lua_pushvalue(L, -1);
        if (lua_rawget(L, -3) != LUA_TNIL) return problem(p, "a member that stands twice");
        lua_pop(L, 1);
        skip_space(p);
        if (p->at == p->end || *p->at != ':') return problem(p, "':' was expected");
        p->at++;
        if (!value(p)) return false;
        lua_rawset(L, -3);
        skip_space(p);
        if (p->at == p->end) return problem(p, "an object that does not end");
        char c = *p->at++;
        if (c == '}') return true;
        if (c != ',') return p->at--, problem(p, "',' or '}' was expected");
    }
}

static bool value(struct parser *p) {
    skip_space(p);
    if (p->at == p->end) return problem(p, "a value was expected");
    if (++p->nodes > VALUE_NODES_MAX * 2) return problem(p, "more than 20000 values");
    charge(p->L, 1);
    switch (*p->at) {
    case '{':
    case '[': {
        if (++p->depth > VALUE_DEPTH_MAX) return problem(p, "nested more than 32 levels deep");
        luaL_checkstack(p->L, 8, "JSON");
        bool good = *p->at == '{' ? object(p) : array(p);
        p->depth--;
        return good;
    }
    case '"': return string(p);
    case 't': lua_pushboolean(p->L, 1); return word(p, "true");
    case 'f': lua_pushboolean(p->L, 0); return word(p, "false");
    case 'n': lua_pushnil(p->L); return word(p, "null");
    default: return number(p);
    }
}

int decode_json(lua_State *L, const char *text, size_t length) {
    struct parser p = {.L = L, .start = text, .at = text, .end = text + length};
    int top = lua_gettop(L);
    charge(L, length / 64);
    bool good = length <= BLOCK_BYTES_MAX ? value(&p) : problem(&p, "larger than 1 MiB");
    if (good) {
        skip_space(&p);
        if (p.at < p.end) good = problem(&p, "text after the value");
    }
    if (good) return 1;
    lua_settop(L, top);
    int line = 1;
    for (const char *c = p.start; c < p.at; c++) line += *c == '\n';
    lua_pushnil(L);
    lua_pushfstring(L, "JSON, line %d: %s", line, p.problem);
    return 2;
}

int json_decode(lua_State *L) {
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    return decode_json(L, text, length);
}
