// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include <string.h>

#include "matcher.h"
#include "sandbox.h"

// find, match, gmatch and gsub over our own matcher. What gsub knows lives in userdata on the Lua stack, beside the
// strings it works on: its callbacks may make host calls and yield.

static void spend(struct matcher *m, unsigned steps) { charge(m->owner, steps); }

static void prepare(lua_State *L, struct matcher *m, const char *s, size_t length, const char *pattern_end) {
    m->subject = s;
    m->subject_end = s + length;
    m->pattern_end = pattern_end;
    m->spend = spend;
    m->owner = L;
    matcher_prepare(m);
}

static void check(struct matcher *m) {
    if (m->error) luaL_error(m->owner, m->error, m->error_index);
}

// Where a search begins: 0 for the first byte, beyond `length` when there is nothing to search.
static size_t start_offset(lua_Integer position, size_t length) {
    if (position > 0) return (size_t)position - 1;
    if (position == 0 || position < -(lua_Integer)length) return 0;
    return length - (size_t)-position;
}

static void push_capture(lua_State *L, struct matcher *m, int index, const char *start, const char *end) {
    if (!capture_is_usable(m, index)) check(m);
    if (index >= m->captures) {
        lua_pushlstring(L, start, (size_t)(end - start));
        return;
    }
    const struct capture *c = &m->capture[index];
    if (c->length == CAPTURE_POSITION) lua_pushinteger(L, c->start - m->subject + 1);
    else lua_pushlstring(L, c->start, (size_t)c->length);
}

// All captures; without any the whole match, unless `start` is NULL.
static int push_captures(lua_State *L, struct matcher *m, const char *start, const char *end) {
    int count = m->captures == 0 && start ? 1 : m->captures;
    luaL_checkstack(L, count, "too many captures");
    for (int i = 0; i < count; i++) push_capture(L, m, i, start, end);
    return count;
}

static int push_span(lua_State *L, size_t from, size_t to) {
    lua_pushinteger(L, (lua_Integer)from + 1);
    lua_pushinteger(L, (lua_Integer)to);
    return 2;
}

static int search(lua_State *L, bool find) {
    size_t length, pattern_length;
    const char *s = luaL_checklstring(L, 1, &length), *p = luaL_checklstring(L, 2, &pattern_length), *end;
    size_t offset = start_offset(luaL_optinteger(L, 3, 1), length);
    struct matcher m;
    if (offset > length) {
        lua_pushnil(L);
        return 1;
    }
    if (find && (lua_toboolean(L, 4) || pattern_is_plain(p, pattern_length))) {
        const char *found = memmem(s + offset, length - offset, p, pattern_length);
        charge(L, (length + pattern_length) / 64);
        if (found) return push_span(L, (size_t)(found - s), (size_t)(found - s) + pattern_length);
        lua_pushnil(L);
        return 1;
    }
    bool anchored = pattern_length > 0 && *p == '^';
    prepare(L, &m, s, length, p + pattern_length);
    const char *start = match_from(&m, s + offset, p + anchored, anchored, &end);
    check(&m);
    matcher_settle(&m);
    if (!start) {
        lua_pushnil(L);
        return 1;
    }
    if (!find) return push_captures(L, &m, start, end);
    return push_span(L, (size_t)(start - s), (size_t)(end - s)) + push_captures(L, &m, NULL, NULL);
}

static int find(lua_State *L) { return search(L, true); }
static int match(lua_State *L) { return search(L, false); }

// What gmatch and gsub keep between two matches.
struct progress {
    struct matcher m;
    const char *pattern, *s, *last;  // `last`: the end of the match before, where an empty one does not count
};

static struct progress *begin(lua_State *L, struct progress *at, int subject, int pattern, bool anchored) {
    size_t length, pattern_length;
    const char *s = lua_tolstring(L, subject, &length), *p = lua_tolstring(L, pattern, &pattern_length);
    prepare(L, &at->m, s, length, p + pattern_length);
    at->pattern = p + anchored;
    at->s = s;
    at->last = NULL;
    return at;
}

// Stack: upvalues subject, pattern and progress. An error leaves the progress as it was.
static int next_match(lua_State *L) {
    struct progress *at = lua_touserdata(L, lua_upvalueindex(3));
    at->m.owner = L;
    matcher_prepare(&at->m);
    for (const char *s = at->s; s <= at->m.subject_end; s++) {
        const char *end = match_at(&at->m, s, at->pattern);
        check(&at->m);
        if (!end || end == at->last) continue;
        matcher_settle(&at->m);
        at->s = at->last = end;
        return push_captures(L, &at->m, s, end);
    }
    matcher_settle(&at->m);
    return 0;
}

static int gmatch(lua_State *L) {
    size_t length;
    luaL_checklstring(L, 1, &length);
    luaL_checkstring(L, 2);
    size_t offset = start_offset(luaL_optinteger(L, 3, 1), length);
    lua_settop(L, 2);
    struct progress *at = lua_newuserdatauv(L, sizeof *at, 0);
    begin(L, at, 1, 2, false)->s += offset > length ? length + 1 : offset;
    lua_pushcclosure(L, next_match, 3);
    return 1;
}

// Stack: 1 subject, 2 pattern, 3 replacement, 4 this, 5 the buffer, a userdata.
enum { REPLACEMENT = 3, STATE = 4, BUFFER = 5 };
struct substitution {
    struct progress at;
    const char *start;   // of the match that is being replaced; it ends at `at.last`
    const char *copied;  // the subject up to here is in the buffer
    lua_Integer count, most;
    bool anchored;
    size_t length, capacity;
};

static void append(lua_State *L, struct substitution *g, const char *bytes, size_t count) {
    if (count > STRING_BYTES_MAX - g->length) plugin_error(L, "string.gsub: the result would be larger than 1 MiB");
    if (count > g->capacity - g->length) {
        size_t capacity = 2 * g->capacity + count + 64;
        if (capacity > STRING_BYTES_MAX) capacity = STRING_BYTES_MAX;
        char *larger = lua_newuserdatauv(L, capacity, 0);
        if (g->length) memcpy(larger, lua_touserdata(L, BUFFER), g->length);
        lua_replace(L, BUFFER);
        g->capacity = capacity;
    }
    if (count) memcpy((char *)lua_touserdata(L, BUFFER) + g->length, bytes, count);
    g->length += count;
}

static void append_capture(lua_State *L, struct substitution *g, int index) {
    struct matcher *m = &g->at.m;
    if (!capture_is_usable(m, index)) check(m);
    if (index < m->captures && m->capture[index].length != CAPTURE_POSITION) {
        append(L, g, m->capture[index].start, (size_t)m->capture[index].length);
        return;
    }
    size_t length;
    push_capture(L, m, index, g->start, g->at.last);
    const char *text = lua_tolstring(L, -1, &length);
    append(L, g, text, length);
    lua_pop(L, 1);
}

static void append_template(lua_State *L, struct substitution *g) {
    size_t length;
    const char *at = lua_tolstring(L, REPLACEMENT, &length), *end = at + length, *percent;
    charge(L, length / 64);
    while ((percent = memchr(at, '%', (size_t)(end - at)))) {
        char name = percent + 1 < end ? percent[1] : 0;
        append(L, g, at, (size_t)(percent - at));
        if (name == '%') append(L, g, "%", 1);
        else if (name == '0') append(L, g, g->start, (size_t)(g->at.last - g->start));
        else if (name >= '1' && name <= '9') append_capture(L, g, name - '1');
        else luaL_error(L, "invalid use of '%c' in replacement string", '%');
        at = percent + 2;
    }
    append(L, g, at, (size_t)(end - at));
}

static void append_before(lua_State *L, struct substitution *g) {
    append(L, g, g->copied, (size_t)(g->start - g->copied));
    g->copied = g->at.last;
}

// The value of a function or a table is on top. False and nil keep what was matched.
static void append_value(lua_State *L, struct substitution *g) {
    size_t length;
    if (lua_toboolean(L, -1)) {
        if (!lua_isstring(L, -1)) luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
        const char *text = lua_tolstring(L, -1, &length);
        append_before(L, g);
        append(L, g, text, length);
    }
    lua_pop(L, 1);
}

static int go_on(lua_State *L, int status, lua_KContext context);

static void replace_match(lua_State *L, struct substitution *g) {
    switch (lua_type(L, REPLACEMENT)) {
    case LUA_TFUNCTION:
        lua_pushvalue(L, REPLACEMENT);
        lua_callk(L, push_captures(L, &g->at.m, g->start, g->at.last), 1, 0, go_on);
        append_value(L, g);
        return;
    case LUA_TTABLE:
        push_capture(L, &g->at.m, 0, g->start, g->at.last);
        index_value(L, REPLACEMENT, 0, go_on);
        append_value(L, g);
        return;
    default:
        append_before(L, g);
        append_template(L, g);
    }
}

static int finish(lua_State *L, struct substitution *g) {
    matcher_settle(&g->at.m);
    if (g->copied == g->at.m.subject && g->length == 0) {
        lua_pushvalue(L, 1);
    } else {
        append(L, g, g->copied, (size_t)(g->at.m.subject_end - g->copied));
        lua_pushlstring(L, g->length ? lua_touserdata(L, BUFFER) : "", g->length);
    }
    lua_pushinteger(L, g->count);
    return 2;
}

static int substitute(lua_State *L, struct substitution *g) {
    while (g->count < g->most) {
        const char *end = match_at(&g->at.m, g->at.s, g->at.pattern);
        check(&g->at.m);
        if (end && end != g->at.last) {
            g->count++;
            g->start = g->at.s;
            g->at.s = g->at.last = end;
            replace_match(L, g);
        } else if (g->at.s < g->at.m.subject_end) {
            g->at.s++;
        } else {
            break;
        }
        if (g->anchored) break;
    }
    return finish(L, g);
}

// A callback that had yielded has returned: its value is on top.
static int go_on(lua_State *L, int status, lua_KContext context) {
    struct substitution *g = lua_touserdata(L, STATE);
    (void)status;
    (void)context;
    append_value(L, g);
    return g->anchored ? finish(L, g) : substitute(L, g);
}

static int gsub(lua_State *L) {
    size_t length;
    luaL_checklstring(L, 1, &length);
    const char *pattern = luaL_checkstring(L, 2);
    int type = lua_type(L, REPLACEMENT);
    lua_Integer most = luaL_optinteger(L, 4, (lua_Integer)length + 1);
    luaL_argexpected(L, type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION || type == LUA_TTABLE, REPLACEMENT,
                     "string/function/table");
    lua_settop(L, REPLACEMENT);
    struct substitution *g = lua_newuserdatauv(L, sizeof *g, 0);
    lua_pushnil(L);
    g->anchored = *pattern == '^';
    begin(L, &g->at, 1, 2, g->anchored);
    g->copied = g->at.s;
    g->count = 0;
    g->most = most;
    g->length = g->capacity = 0;
    return substitute(L, g);
}

void open_patterns(lua_State *L) {
    static const luaL_Reg functions[] = {{"find", find}, {"gmatch", gmatch}, {"gsub", gsub}, {"match", match}, {NULL, NULL}};
    set_functions(L, functions);
}
