// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include "LuaBaseline.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <time.h>

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

// Stands for a host call: the shortest way from Lua to C and back.
static int host_call(lua_State *L)
{
    lua_pushliteral(L, "value");
    return 1;
}

lua_State *baseline_open(const char *source)
{
    lua_State *L = luaL_newstate();
    if (!L) return NULL;
    luaL_openlibs(L);
    if (luaL_dostring(L, source) != LUA_OK || !lua_istable(L, -1)) {
        lua_close(L);
        return NULL;
    }
    lua_newtable(L);
    lua_newtable(L);
    lua_pushcfunction(L, host_call);
    lua_setfield(L, -2, "get");
    lua_setfield(L, -2, "storage");
    lua_setfield(L, LUA_REGISTRYINDEX, "ctx");
    return L;
}

int64_t baseline_call(lua_State *L, const char *function)
{
    int64_t start = now();
    lua_getfield(L, -1, function);
    lua_getfield(L, LUA_REGISTRYINDEX, "ctx");
    lua_newtable(L);
    int status = lua_pcall(L, 2, 1, 0);
    lua_pop(L, 1);
    return status == LUA_OK ? now() - start : -1;
}

void baseline_close(lua_State *L) { lua_close(L); }
