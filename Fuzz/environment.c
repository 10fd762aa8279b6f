// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include "cell.h"

static struct sandbox sandbox = {.phase = PHASE_LOADING};

static int open(lua_State *L) { return open_environment(L); }

lua_State *fuzz_environment(void) {
    lua_State *L = luaL_newstate();
    require(L && scratch_prepare(), "no memory for a state");
    current = &sandbox;
    sandbox.main = sandbox.running = L;
    lua_pushcfunction(L, open);
    require(lua_pcall(L, 0, 0, 0) == LUA_OK, "the environment: %s", lua_tostring(L, -1));
    return L;
}
