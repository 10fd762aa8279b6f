// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include <string.h>

#include "sandbox.h"

// `ctx`. The table exists once in the snapshot; what a call brings stays MessagePack until it is asked for.

static const char key_statics;

// Fields that a call may leave out; reading them then gives nil.
static const char *const optional_fields[] = {
    "call_id", "tenant_id", "plugin_id", "instance_id", "mode", "attempt", "idempotency_key", "deadline_ms", "now_ms", "locale",
    "correlation_id", "config", NULL,
};

static unsigned distance(const char *a, const char *b) {
    unsigned row[40], la = (unsigned)strlen(a), lb = (unsigned)strlen(b);
    if (la > 38 || lb > 38) return 99;
    for (unsigned j = 0; j <= lb; j++) row[j] = j;
    for (unsigned i = 1; i <= la; i++) {
        unsigned diagonal = row[0];
        row[0] = i;
        for (unsigned j = 1; j <= lb; j++) {
            unsigned above = row[j], best = diagonal + (a[i - 1] != b[j - 1]);
            if (above + 1 < best) best = above + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            diagonal = above;
            row[j] = best;
        }
    }
    return row[lb];
}

// The name in the table that is closest, or NULL. Two slips at most, and fewer than half of the name.
static const char *suggestion(lua_State *L, int table, const char *name) {
    const char *best = NULL;
    unsigned least = 3;
    table = lua_absindex(L, table);
    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING) continue;
        const char *candidate = lua_tostring(L, -2);
        unsigned d = distance(name, candidate);
        // Exchanged neighbours count as two slips; allow them in short names too.
        if (d < least && (d < strlen(name) / 2 || (d == 2 && strlen(name) > 2 && strlen(candidate) == strlen(name)))) {
            least = d;
            best = candidate;
        }
    }
    return best;
}

static _Noreturn void does_not_exist(lua_State *L, const char *where, const char *name, int candidates) {
    const char *close = suggestion(L, candidates, name);
    if (close) plugin_error(L, "%s.%s does not exist; did you mean %s.%s?", where, name, where, close);
    plugin_error(L, "%s.%s does not exist", where, name);
}

// __index of a namespace's members: upvalue 1 is its name.
static int missing_member(lua_State *L) {
    const char *where = lua_tostring(L, lua_upvalueindex(1));
    if (lua_type(L, 2) != LUA_TSTRING) return plugin_error(L, "%s has no member of type %s", where, luaL_typename(L, 2));
    does_not_exist(L, where, lua_tostring(L, 2), 1);
}

static bool in_list(struct reader list, const char *name, size_t length) {
    uint32_t count;
    struct text text;
    if (!list.at || !read_count(&list, ITEM_ARRAY, &count)) return false;
    while (count-- && read_text(&list, &text)) {
        if (text.length == length && memcmp(text.at, name, length) == 0) return true;
    }
    return false;
}

// __index of ctx.secret's members: table 1 caches the handles.
static int find_secret(lua_State *L) {
    size_t length;
    struct reader list;
    if (lua_type(L, 2) != LUA_TSTRING) return plugin_error(L, "ctx.secret has names only");
    const char *name = lua_tolstring(L, 2, &length);
    struct reader secrets = current->secrets;
    if (secrets.at && find_member(secrets, "set", 3, &list) && in_list(list, name, length)) {
        uint8_t bytes[320];
        struct writer w = {bytes, 0, sizeof bytes};
        if (!write_array(&w, 2) || !write_text(&w, name, length) || !write_string(&w, "raw"))
            return plugin_error(L, "a secret's name is too long");
        push_secret(L, (struct reader){bytes, bytes + w.length});
        lua_pushvalue(L, 2);
        lua_pushvalue(L, -2);
        lua_rawset(L, 1);
        return 1;
    }
    if (secrets.at && find_member(secrets, "declared", 8, &list) && in_list(list, name, length)) return 0;
    return plugin_error(L, "ctx.secret.%s is not declared; add \"%s\" with \"x-secret\": true to config_schema in plugin.json", name, name);
}

// Pushes a read-only table over the members on top, whose missing names are looked for by `find`.
static void finish_namespace(lua_State *L, lua_CFunction find, const char *name) {
    lua_createtable(L, 0, 1);
    lua_pushstring(L, name);
    lua_pushcclosure(L, find, 1);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    push_frozen(L, -1, name);
    lua_replace(L, -2);
}

// Pushes the namespace made of granted host functions and of what the cell does itself; nothing when there is none.
static bool push_namespace(lua_State *L, const char *name, size_t length) {
    struct reader functions = current->functions;
    uint32_t count = 0, granted = 0;
    struct text text;
    lua_newtable(L);
    int members = lua_gettop(L);
    if (functions.at && read_count(&functions, ITEM_ARRAY, &count)) {
        while (count-- && read_text(&functions, &text)) {
            if (text.length <= length + 1 || text.at[length] != '.' || memcmp(text.at, name, length) != 0) continue;
            lua_pushlstring(L, text.at + length + 1, text.length - length - 1);
            lua_pushlstring(L, text.at, text.length);
            lua_pushcclosure(L, host_function, 1);
            lua_rawset(L, members);
            granted++;
        }
    }
    lua_rawgetp(L, LUA_REGISTRYINDEX, &key_statics);
    bool own = lua_getfield(L, -1, name) == LUA_TTABLE;
    // ctx.http is nothing without the right to make requests.
    if (granted == 0 && (!own || strcmp(name, "http") == 0)) {
        lua_settop(L, members - 1);
        return false;
    }
    if (own) {
        for (lua_pushnil(L); lua_next(L, -2);) {
            lua_pushvalue(L, -2);
            lua_insert(L, -2);
            lua_rawset(L, members);
        }
    }
    lua_settop(L, members);
    lua_pushfstring(L, "ctx.%s", name);
    lua_insert(L, members);
    finish_namespace(L, missing_member, lua_tostring(L, members));
    lua_remove(L, members);
    return true;
}

// Every name that would have been found, for the suggestion.
static _Noreturn void no_such_field(lua_State *L, const char *name) {
    struct reader fields = current->fields, functions = current->functions;
    uint32_t count;
    struct text text;
    lua_newtable(L);
    int names = lua_gettop(L);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &key_statics);
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        if (strcmp(lua_tostring(L, -2), "http") == 0) continue;
        lua_pushvalue(L, -2);
        lua_pushboolean(L, 1);
        lua_rawset(L, names);
    }
    lua_pushboolean(L, 1);
    lua_setfield(L, names, "secret");
    if (fields.at && read_count(&fields, ITEM_MAP, &count)) {
        while (count-- && read_text(&fields, &text)) {
            lua_pushlstring(L, text.at, text.length);
            lua_pushboolean(L, 1);
            lua_rawset(L, names);
            skip_value(&fields);
        }
    }
    if (functions.at && read_count(&functions, ITEM_ARRAY, &count)) {
        while (count-- && read_text(&functions, &text)) {
            const char *dot = memchr(text.at, '.', text.length);
            if (!dot) continue;
            lua_pushlstring(L, text.at, (size_t)(dot - text.at));
            lua_pushboolean(L, 1);
            lua_rawset(L, names);
        }
    }
    does_not_exist(L, "ctx", name, names);
}

// __index of ctx's members: table 1 caches what was found.
static int find_field(lua_State *L) {
    struct sandbox *sandbox = current;
    struct reader r;
    struct text denied;
    size_t length;
    if (lua_type(L, 2) != LUA_TSTRING) return plugin_error(L, "ctx has no member of type %s", luaL_typename(L, 2));
    const char *name = lua_tolstring(L, 2, &length);
    lua_settop(L, 2);
    if (sandbox->fields.at && find_member(sandbox->fields, name, length, &r)) {
        push_value(L, &r);
        if (lua_istable(L, -1)) {
            lua_pushfstring(L, "ctx.%s", name);
            lua_insert(L, -2);
            freeze(L, lua_tostring(L, -2));
        }
    } else if (sandbox->denied.at && find_member(sandbox->denied, name, length, &r) && read_text(&r, &denied)) {
        return plugin_error(L, "%s", lua_pushlstring(L, denied.at, denied.length));
    } else if (strcmp(name, "secret") == 0) {
        lua_newtable(L);
        finish_namespace(L, find_secret, "ctx.secret");
    } else if (!push_namespace(L, name, length)) {
        for (const char *const *field = optional_fields; *field; field++) {
            if (strcmp(name, *field) == 0) return 0;
        }
        no_such_field(L, name);
    }
    lua_pushvalue(L, 2);
    lua_pushvalue(L, -2);
    lua_rawset(L, 1);
    return 1;
}

// pairs(ctx) shows the plain fields.
static int pairs_fields(lua_State *L) {
    struct reader fields = current->fields;
    uint32_t count;
    struct text text;
    lua_newtable(L);
    if (fields.at && read_count(&fields, ITEM_MAP, &count)) {
        while (count-- && read_text(&fields, &text)) {
            lua_pushlstring(L, text.at, text.length);
            lua_pushvalue(L, -1);
            lua_gettable(L, 1);
            lua_rawset(L, -3);
            skip_value(&fields);
        }
    }
    lua_pushcfunction(L, next_pair);
    lua_insert(L, -2);
    lua_pushnil(L);
    return 3;
}

// Finds the parts of the context in one pass.
static void find_parts(struct sandbox *sandbox, struct reader context) {
    struct {
        const char *name;
        struct reader *at;
    } parts[] = {
        {"ctx", &sandbox->fields}, {"secrets", &sandbox->secrets}, {"functions", &sandbox->functions}, {"denied", &sandbox->denied},
    };
    uint32_t count = 0;
    struct text name;
    for (unsigned i = 0; i < 4; i++) *parts[i].at = (struct reader){0};
    if (!read_count(&context, ITEM_MAP, &count)) return;
    while (count-- && read_text(&context, &name)) {
        for (unsigned i = 0; i < 4; i++) {
            if (text_is(name, parts[i].name)) *parts[i].at = context;
        }
        skip_value(&context);
    }
}

void hold_context(lua_State *L, struct reader context) {
    struct sandbox *sandbox = current;
    size_t length = (size_t)(context.end - context.at);
    struct reader r;
    struct text call = {0};
    int64_t now = 0;
    // The bytes live in a string that the coroutine's stack keeps: the input buffer is used again.
    const uint8_t *bytes = (const uint8_t *)lua_pushlstring(L, (const char *)context.at, length);
    find_parts(sandbox, (struct reader){bytes, bytes + length});
    if (sandbox->fields.at && find_member(sandbox->fields, "call_id", 7, &r)) read_text(&r, &call);
    if (sandbox->fields.at && find_member(sandbox->fields, "now_ms", 6, &r)) read_integer(&r, &now);
    sandbox->now_ms = (uint64_t)now;
    seed_random(sandbox, call);
}

void push_statics(lua_State *L) { lua_rawgetp(L, LUA_REGISTRYINDEX, &key_statics); }

void open_context(lua_State *L) {
    lua_newtable(L);
    open_codec(L);
    open_http(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &key_statics);
    open_secrets(L);

    lua_newtable(L);
    finish_namespace(L, find_field, "ctx");
    lua_getmetatable(L, -1);
    lua_pushcfunction(L, pairs_fields);
    lua_setfield(L, -2, "__pairs");
    lua_pop(L, 1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &key_ctx);
}
