// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frames.h"

// `SandboxCell --globals`: walks the environment that a plugin really gets. The list is reviewed in
// docs/sandbox-globals.txt.

enum { LINES_MAX = 512, LINE_MAX_BYTES = 96 };

static struct {
    char text[LINES_MAX][LINE_MAX_BYTES];
    unsigned count;
} lines;

static int compare(const void *a, const void *b) { return strcmp(a, b); }

static void add(const char *prefix, const char *name, const char *type) {
    if (lines.count < LINES_MAX) snprintf(lines.text[lines.count++], LINE_MAX_BYTES, "%s%s %s", prefix, name, type);
}

// The table on top; the one at `seen` holds those that were walked before.
static void walk(lua_State *L, int seen, const char *prefix) {
    lua_pushvalue(L, -1);
    lua_pushboolean(L, 1);
    lua_rawset(L, seen);
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
        add(prefix, name, luaL_typename(L, -1));
        if (!lua_istable(L, -1)) continue;
        lua_pushvalue(L, -1);
        if (lua_rawget(L, seen) == LUA_TNIL) {
            char deeper[LINE_MAX_BYTES];
            snprintf(deeper, sizeof deeper, "%s%s.", prefix, name);
            lua_pop(L, 1);
            luaL_checkstack(L, 10, "globals");
            walk(L, seen, deeper);
        } else {
            lua_pop(L, 1);
        }
    }
}

static int walk_everything(lua_State *L) {
    open_environment(L);
    lua_newtable(L);
    int seen = lua_gettop(L);
    lua_pushglobaltable(L);
    walk(L, seen, "");
    push_statics(L);
    walk(L, seen, "ctx.");
    return 0;
}

int print_globals(void) {
    static struct sandbox sandbox = {.phase = PHASE_LOADING};
    lua_State *L = luaL_newstate();
    if (!L) return EXIT_FAILURE;
    current = &sandbox;
    sandbox.main = sandbox.running = L;
    lua_pushcfunction(L, walk_everything);
    if (lua_pcall(L, 0, 0, 0) != LUA_OK) return EXIT_FAILURE;
    qsort(lines.text, lines.count, LINE_MAX_BYTES, compare);
    for (unsigned i = 0; i < lines.count; i++) puts(lines.text[i]);
    return EXIT_SUCCESS;
}
