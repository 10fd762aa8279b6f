// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include <string.h>

#include "sandbox.h"

// The table library on plain tables: elements are read and written raw, ranges are bounded.

enum { RANGE_MAX = 1000000, UNPACK_MAX = 8000 };

static bool has_event(lua_State *L, const char *name) {
    lua_pushstring(L, name);
    bool found = lua_rawget(L, -2) != LUA_TNIL && !is_watch(L, -1);
    lua_pop(L, 1);
    return found;
}

// A table whose length and elements are its own.
static lua_Integer check_plain(lua_State *L, int index) {
    luaL_checktype(L, index, LUA_TTABLE);
    if (lua_getmetatable(L, index)) {
        if (lua_rawgetp(L, -1, &key_frozen) != LUA_TNIL) plugin_error(L, "this table is read-only");
        lua_pop(L, 1);
        if (has_event(L, "__newindex") || has_event(L, "__len")) plugin_error(L, "this function works on plain tables only");
        lua_pop(L, 1);
    }
    // A table whose keys are powers of two says that its length is 2^62.
    lua_Unsigned length = lua_rawlen(L, index);
    if (length > RANGE_MAX) plugin_error(L, "the table has more than 1000000 elements");
    return (lua_Integer)length;
}

// For reading, a read-only table of ours is replaced by what it shows.
static lua_Integer check_readable(lua_State *L, int index) {
    luaL_checktype(L, index, LUA_TTABLE);
    if (lua_getmetatable(L, index)) {
        if (lua_rawgetp(L, -1, &key_inner) == LUA_TTABLE) lua_replace(L, index);
        else lua_pop(L, 1);
        lua_pop(L, 1);
    }
    return check_plain(L, index);
}

static void check_range(lua_State *L, lua_Integer from, lua_Integer to, const char *name) {
    if (to >= from && (lua_Unsigned)to - (lua_Unsigned)from >= RANGE_MAX)
        plugin_error(L, "table.%s: the range has more than 1000000 elements", name);
}

static int insert(lua_State *L) {
    lua_Integer place, end = check_plain(L, 1) + 1;
    switch (lua_gettop(L)) {
    case 2: place = end; break;
    case 3:
        place = luaL_checkinteger(L, 2);
        luaL_argcheck(L, place >= 1 && place <= end, 2, "position out of bounds");
        charge(L, (uint64_t)(end - place) / 4);
        for (lua_Integer i = end; i > place; i--) {
            lua_rawgeti(L, 1, i - 1);
            lua_rawseti(L, 1, i);
        }
        break;
    default: return luaL_error(L, "wrong number of arguments to 'insert'");
    }
    lua_rawseti(L, 1, place);
    return 0;
}

static int remove_element(lua_State *L) {
    lua_Integer size = check_plain(L, 1), place = luaL_optinteger(L, 2, size);
    if (place != size) luaL_argcheck(L, (lua_Unsigned)place - 1u <= (lua_Unsigned)size, 2, "position out of bounds");
    lua_rawgeti(L, 1, place);
    if (place < size) charge(L, (uint64_t)(size - place) / 4);
    for (; place < size; place++) {
        lua_rawgeti(L, 1, place + 1);
        lua_rawseti(L, 1, place);
    }
    lua_pushnil(L);
    lua_rawseti(L, 1, place);
    return 1;
}

static int move(lua_State *L) {
    lua_Integer from = luaL_checkinteger(L, 2), to = luaL_checkinteger(L, 3), target = luaL_checkinteger(L, 4);
    int destination = lua_isnoneornil(L, 5) ? 1 : 5;
    check_readable(L, 1);
    check_plain(L, destination);
    if (to >= from) {
        luaL_argcheck(L, from > 0 || to < LUA_MAXINTEGER + from, 3, "too many elements to move");
        luaL_argcheck(L, target <= LUA_MAXINTEGER - (to - from), 4, "destination wrap around");
        check_range(L, from, to, "move");
        charge(L, (uint64_t)(to - from) / 4);
        bool forward = target > to || target <= from || (destination != 1 && !lua_rawequal(L, 1, destination));
        for (lua_Integer n = 0, count = to - from + 1; n < count; n++) {
            if (n % 1024 == 0) charge(L, 0);  // sees a deadline that passed meanwhile
            lua_Integer i = forward ? n : count - 1 - n;
            lua_rawgeti(L, 1, from + i);
            lua_rawseti(L, destination, target + i);
        }
    }
    lua_pushvalue(L, destination);
    return 1;
}

// The bytes that the element on top adds; numbers are turned into text here, as the stock function would.
static size_t element_length(lua_State *L, lua_Integer i) {
    size_t length;
    if (!lua_isstring(L, -1)) luaL_error(L, "invalid value (%s) at index %I in table for 'concat'", luaL_typename(L, -1), i);
    lua_tolstring(L, -1, &length);
    return length;
}

static int concat(lua_State *L) {
    size_t gap, total = 0;
    luaL_Buffer buffer;
    lua_Integer size = check_readable(L, 1);
    const char *separator = luaL_optlstring(L, 2, "", &gap);
    lua_Integer from = luaL_optinteger(L, 3, 1), to = luaL_optinteger(L, 4, size);
    check_range(L, from, to, "concat");
    if (from > to) {
        lua_pushliteral(L, "");
        return 1;
    }
    charge(L, (uint64_t)(to - from) / 2);
    for (lua_Integer n = 0; n <= to - from; n++) {
        lua_rawgeti(L, 1, from + n);
        total += element_length(L, from + n) + (n ? gap : 0);
        lua_pop(L, 1);
        if (total > STRING_BYTES_MAX) return plugin_error(L, "table.concat: the result would be larger than 1 MiB");
    }
    char *at = start_buffer(L, &buffer, total);
    for (lua_Integer n = 0; n <= to - from; n++) {
        if (n) memcpy(at, separator, gap), at += gap;
        lua_rawgeti(L, 1, from + n);
        size_t length = element_length(L, from + n);
        memcpy(at, lua_tostring(L, -1), length);
        at += length;
        lua_pop(L, 1);
    }
    luaL_pushresultsize(&buffer, total);
    return 1;
}

static int unpack(lua_State *L) {
    lua_Integer size = check_readable(L, 1), from = luaL_optinteger(L, 2, 1), to = luaL_optinteger(L, 3, size);
    if (from > to) return 0;
    if ((lua_Unsigned)to - (lua_Unsigned)from >= UNPACK_MAX) return plugin_error(L, "table.unpack: more than 8000 results");
    int count = (int)(to - from + 1);
    luaL_checkstack(L, count, "table.unpack");
    for (int i = 0; i < count; i++) lua_rawgeti(L, 1, from + i);
    return count;
}

static int pack(lua_State *L) {
    int count = lua_gettop(L);
    lua_createtable(L, count, 1);
    lua_insert(L, 1);
    for (int i = count; i >= 1; i--) lua_rawseti(L, 1, i);
    lua_pushinteger(L, count);
    lua_setfield(L, 1, "n");
    return 1;
}

// A stable merge sort whose comparator may make host calls. It works on two copies, so that an error leaves the table
// as it was. Stack: 1 table, 2 comparator or nil, 3 and 4 the copies, 5 the state.
struct merge {
    lua_Integer count, width, low, left, right, out;
    int source;
};

static bool next_run(struct merge *m) {
    m->low += 2 * m->width;
    if (m->low >= m->count) {
        m->width *= 2;
        m->low = 0;
        m->source = 7 - m->source;
        if (m->width >= m->count) return false;
    }
    m->left = m->out = m->low;
    m->right = m->low + m->width;
    return true;
}

static int merge(lua_State *L, int status, lua_KContext answered);

// Pushes whether the next element on the right comes before the next on the left.
static void compare(lua_State *L, struct merge *m) {
    if (!lua_isnil(L, 2)) lua_pushvalue(L, 2);
    lua_rawgeti(L, m->source, m->right + 1);
    lua_rawgeti(L, m->source, m->left + 1);
    if (lua_isnil(L, 2)) less_value(L, 1, merge);
    else lua_callk(L, 2, 1, 1, merge);
}

static int merge(lua_State *L, int status, lua_KContext answered) {
    struct merge *m = lua_touserdata(L, 5);
    (void)status;
    for (;;) {
        charge(L, 1);
        lua_Integer middle = m->low + m->width < m->count ? m->low + m->width : m->count;
        lua_Integer high = m->low + 2 * m->width < m->count ? m->low + 2 * m->width : m->count;
        bool right = m->left >= middle;
        if (right && m->right >= high) {
            if (!next_run(m)) break;
            continue;
        }
        if (!right && m->right < high) {
            if (!answered) compare(L, m);
            answered = 0;
            right = lua_toboolean(L, -1);
            lua_pop(L, 1);
        }
        lua_rawgeti(L, m->source, (right ? m->right++ : m->left++) + 1);
        lua_rawseti(L, 7 - m->source, ++m->out);
    }
    for (lua_Integer i = 1; i <= m->count; i++) {
        lua_rawgeti(L, m->source, i);
        lua_rawseti(L, 1, i);
    }
    return 0;
}

static int sort(lua_State *L) {
    lua_Integer count = check_plain(L, 1);
    if (!lua_isnoneornil(L, 2)) luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    if (count < 2) return 0;
    lua_createtable(L, (int)count, 0);
    lua_createtable(L, (int)count, 0);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, 1, i);
        lua_rawseti(L, 3, i);
    }
    struct merge *m = lua_newuserdatauv(L, sizeof *m, 0);
    *m = (struct merge){.count = count, .width = 1, .right = 1, .source = 3};
    return merge(L, LUA_OK, 0);
}

void open_tables(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"concat", concat},         {"insert", insert}, {"move", move},     {"pack", pack},
        {"remove", remove_element}, {"sort", sort},     {"unpack", unpack}, {NULL, NULL},
    };
    set_functions(L, functions);
}
