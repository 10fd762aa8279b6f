// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sandbox.h"

// string.format. A first pass turns into text what %s shows through __tostring, which may make host calls; the second
// one writes and never calls back.

enum { ITEM_BYTES = 512, SPEC_MAX = 22, LONG_TEXT = 100 };
static const char modifiers[] = "-+ #0123456789.";

// One item of the format: "%-5.2f" with room for a length modifier.
struct item_spec {
    char text[SPEC_MAX + 4];
    size_t length;
    char conversion;
};

static const char *two_digits(const char *s) {
    if (isdigit((unsigned char)*s)) s++;
    if (isdigit((unsigned char)*s)) s++;
    return s;
}

// `at` stands behind the '%'; the result behind the conversion.
static const char *read_spec(lua_State *L, const char *at, struct item_spec *spec) {
    size_t length = strspn(at, modifiers);
    if (length + 1 >= SPEC_MAX) luaL_error(L, "invalid format (too long)");
    spec->text[0] = '%';
    memcpy(spec->text + 1, at, length + 1);
    spec->text[length + 2] = 0;
    spec->length = length + 2;
    spec->conversion = at[length];
    return at + length + 1;
}

static void check_spec(lua_State *L, const struct item_spec *spec, const char *flags, bool precision) {
    const char *s = spec->text + 1;
    s += strspn(s, flags);
    if (*s != '0') {
        s = two_digits(s);
        if (*s == '.' && precision) s = two_digits(s + 1);
    }
    if (!isalpha((unsigned char)*s)) luaL_error(L, "invalid conversion specification: '%s'", spec->text);
}

static void add(lua_State *L, luaL_Buffer *buffer, const char *bytes, size_t count) {
    if (count > STRING_BYTES_MAX - luaL_bufflen(buffer)) plugin_error(L, "string.format: the result would be larger than 1 MiB");
    if (luaL_bufflen(buffer) + count > buffer->size) make_room(L, 2 * buffer->size + count);
    luaL_addlstring(buffer, bytes, count);
}

static void add_integer(lua_State *L, luaL_Buffer *buffer, struct item_spec *spec, int argument, const char *flags) {
    char item[ITEM_BYTES];
    lua_Integer n = luaL_checkinteger(L, argument);
    check_spec(L, spec, flags, true);
    strcpy(spec->text + spec->length - 1, "ll?");
    spec->text[spec->length + 1] = spec->conversion;
    add(L, buffer, item, (size_t)snprintf(item, sizeof item, spec->text, (long long)n));
}

static void add_number(lua_State *L, luaL_Buffer *buffer, const struct item_spec *spec, int argument) {
    char item[ITEM_BYTES];
    // Which of two errors comes first is stock Lua's choice.
    bool hexadecimal = tolower(spec->conversion) == 'a';
    if (hexadecimal) check_spec(L, spec, "-+ #0", true);
    lua_Number n = luaL_checknumber(L, argument);
    if (!hexadecimal) check_spec(L, spec, "-+ #0", true);
    add(L, buffer, item, (size_t)snprintf(item, sizeof item, spec->text, n));
}

static void add_character(lua_State *L, luaL_Buffer *buffer, const struct item_spec *spec, int argument) {
    char item[ITEM_BYTES];
    check_spec(L, spec, "-", false);
    int c = (int)luaL_checkinteger(L, argument);
    add(L, buffer, item, (size_t)snprintf(item, sizeof item, spec->text, c));
}

static void add_text(lua_State *L, luaL_Buffer *buffer, const struct item_spec *spec, int argument) {
    char item[ITEM_BYTES];
    size_t length;
    const char *text = lua_tolstring(L, argument, &length);
    if (spec->length > 2) {
        luaL_argcheck(L, length == strlen(text), argument, "string contains zeros");
        check_spec(L, spec, "-", true);
        if (length < LONG_TEXT || strchr(spec->text, '.')) {
            add(L, buffer, item, (size_t)snprintf(item, sizeof item, spec->text, text));
            return;
        }
    }
    add(L, buffer, text, length);
}

static void add_quoted(lua_State *L, luaL_Buffer *buffer, const char *text, size_t length) {
    char item[8];
    add(L, buffer, "\"", 1);
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\' || c == '\n') {
            add(L, buffer, "\\", 1);
            add(L, buffer, text + i, 1);
        } else if (iscntrl(c)) {
            bool digit = i + 1 < length && isdigit((unsigned char)text[i + 1]);
            add(L, buffer, item, (size_t)snprintf(item, sizeof item, digit ? "\\%03d" : "\\%d", c));
        } else {
            add(L, buffer, text + i, 1);
        }
    }
    add(L, buffer, "\"", 1);
}

// %q: what Lua reads back as the same value.
static void add_literal(lua_State *L, luaL_Buffer *buffer, int argument) {
    char item[ITEM_BYTES];
    size_t length;
    switch (lua_type(L, argument)) {
    case LUA_TSTRING: {
        const char *text = lua_tolstring(L, argument, &length);
        add_quoted(L, buffer, text, length);
        return;
    }
    case LUA_TNUMBER:
        if (lua_isinteger(L, argument)) {
            long long n = lua_tointeger(L, argument);
            length = (size_t)snprintf(item, sizeof item, n == LUA_MININTEGER ? "0x%llx" : "%lld", n);
        } else {
            lua_Number n = lua_tonumber(L, argument);
            if (isnan(n)) length = (size_t)snprintf(item, sizeof item, "(0/0)");
            else if (isinf(n)) length = (size_t)snprintf(item, sizeof item, n > 0 ? "1e9999" : "-1e9999");
            else length = (size_t)snprintf(item, sizeof item, "%a", n);
        }
        add(L, buffer, item, length);
        return;
    case LUA_TNIL: add(L, buffer, "nil", 3); return;
    case LUA_TBOOLEAN: add(L, buffer, lua_toboolean(L, argument) ? "true" : "false", lua_toboolean(L, argument) ? 4 : 5); return;
    default: luaL_argerror(L, argument, "value has no literal form");
    }
}

static void add_item(lua_State *L, luaL_Buffer *buffer, struct item_spec *spec, int argument) {
    switch (spec->conversion) {
    case 'c': add_character(L, buffer, spec, argument); return;
    case 'd':
    case 'i': add_integer(L, buffer, spec, argument, "-+0 "); return;
    case 'u': add_integer(L, buffer, spec, argument, "-0"); return;
    case 'o':
    case 'x':
    case 'X': add_integer(L, buffer, spec, argument, "-#0"); return;
    case 'a':
    case 'A':
    case 'e':
    case 'E':
    case 'f':
    case 'g':
    case 'G': add_number(L, buffer, spec, argument); return;
    case 'p': plugin_error(L, "string.format: '%%p' is not available to plugins");
    case 'q':
        if (spec->length > 2) luaL_error(L, "specifier '%%q' cannot have modifiers");
        add_literal(L, buffer, argument);
        return;
    case 's': add_text(L, buffer, spec, argument); return;
    default: luaL_error(L, "invalid conversion '%s' to 'format'", spec->text);
    }
}

static int write_items(lua_State *L, int top) {
    size_t length;
    int argument = 1;
    luaL_Buffer buffer;
    struct item_spec spec;
    const char *at = lua_tolstring(L, 1, &length), *end = at + length;
    luaL_buffinit(L, &buffer);
    while (at < end) {
        const char *percent = memchr(at, '%', (size_t)(end - at));
        add(L, &buffer, at, (size_t)((percent ? percent : end) - at));
        if (!percent) break;
        at = percent + 1;
        if (*at == '%') {
            add(L, &buffer, at++, 1);
            continue;
        }
        if (++argument > top) return luaL_argerror(L, argument, "no value");
        at = read_spec(L, at, &spec);
        add_item(L, &buffer, &spec, argument);
    }
    luaL_pushresult(&buffer);
    return 1;
}

// What the first pass comes back to: an offset into the format and the argument.
static lua_KContext context_of(size_t offset, int argument) { return (lua_KContext)(offset << 24 | (size_t)argument); }

static int prepare_texts(lua_State *L, int status, lua_KContext context) {
    size_t length, offset = (size_t)context >> 24;
    int argument = (int)((size_t)context & 0xffffff), top = lua_gettop(L);
    const char *format = lua_tolstring(L, 1, &length), *percent;
    if (status == LUA_YIELD) {
        check_text(L);
        lua_replace(L, argument);
        top--;
    }
    charge(L, length / 64);
    while (offset < length && (percent = memchr(format + offset, '%', length - offset))) {
        offset = (size_t)(percent + 1 - format);
        if (format[offset] == '%') {
            offset++;
            continue;
        }
        if (++argument > top) break;
        offset += strspn(format + offset, modifiers);
        if (format[offset] != 's' || lua_type(L, argument) == LUA_TSTRING) continue;
        push_text(L, argument, context_of(offset, argument), prepare_texts);
        check_text(L);
        lua_replace(L, argument);
    }
    return write_items(L, top);
}

int format_string(lua_State *L) {
    luaL_checkstring(L, 1);
    return prepare_texts(L, LUA_OK, context_of(0, 1));
}
