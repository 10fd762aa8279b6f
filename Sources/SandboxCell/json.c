// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "sandbox.h"

// ctx.json, RFC 8259 to the letter. Integers stay integers. A member that is null is left out, as a field that is nil
// would be; inside an array null is panel.null.

enum { SCRATCH_BYTES = BLOCK_BYTES_MAX };

// Strings are put together outside of Lua's memory. Nothing yields while it is in use.
static uint8_t *scratch(void) {
    static uint8_t *bytes;
    if (!bytes) {
        bytes = mmap(NULL, SCRATCH_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (bytes == MAP_FAILED) bytes = NULL;
    }
    return bytes;
}

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

size_t utf8_length(const unsigned char *s, const unsigned char *end) {
    if (*s < 0x80) return 1;
    size_t n = *s >= 0xf0 ? 4 : *s >= 0xe0 ? 3 : 2;
    if (*s < 0xc2 || *s > 0xf4 || (size_t)(end - s) < n) return 0;
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80) return 0;
    }
    if ((*s == 0xe0 && s[1] < 0xa0) || (*s == 0xed && s[1] > 0x9f) || (*s == 0xf0 && s[1] < 0x90) || (*s == 0xf4 && s[1] > 0x8f)) return 0;
    return n;
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
    if (!to) return problem(p, "not enough memory");
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
        memset(to, 0, length);
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
    bool good = length <= SCRATCH_BYTES ? value(&p) : problem(&p, "larger than 1 MiB");
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

static int json_decode(lua_State *L) {
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    return decode_json(L, text, length);
}

struct printer {
    lua_State *L;
    struct writer out;
    unsigned depth;
};

static void put(struct printer *p, const char *text, size_t length) {
    if (!write_raw(&p->out, text, length)) plugin_error(p->L, "ctx.json.encode: the result would be larger than 1 MiB");
}

static void put_string(struct printer *p, const char *text, size_t length) {
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
    qsort(keys, count, sizeof *keys, compare_keys);
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

static int json_encode(lua_State *L) {
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    struct printer p = {.L = L, .out = {.base = scratch(), .limit = STRING_BYTES_MAX}};
    if (!p.out.base) return plugin_error(L, "not enough memory");
    print_value(&p, 1);
    lua_pushlstring(L, (const char *)p.out.base, p.out.length);
    memset(p.out.base, 0, p.out.length);
    return 1;
}

// The table of namespaces is on top.
void open_json(lua_State *L) {
    static const luaL_Reg functions[] = {{"decode", json_decode}, {"encode", json_encode}, {NULL, NULL}};
    luaL_newlib(L, functions);
    lua_setfield(L, -2, "json");
}
