// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include "sandbox.h"

// What Lua's own C functions do with metamethods, through continuations: those of the interpreter cannot yield from C,
// so that no host call could be made in them.

enum { LINKS_MAX = 2000 };

// The key is on top; object[key] replaces it. `next` goes on when a metamethod yielded.
void index_value(lua_State *L, int object, lua_KContext context, lua_KFunction next) {
    lua_pushvalue(L, object);
    lua_insert(L, -2);
    for (int links = 0; links < LINKS_MAX; links++) {
        bool table = lua_istable(L, -2);
        if (table) {
            lua_pushvalue(L, -1);
            bool found = lua_rawget(L, -3) != LUA_TNIL;
            if (found || !lua_getmetatable(L, -3)) {
                lua_replace(L, -3);
                lua_pop(L, 1);
                return;
            }
            lua_pop(L, 2);
        }
        if (luaL_getmetafield(L, -2, "__index") == LUA_TNIL) {
            if (!table) luaL_error(L, "attempt to index a %s value", luaL_typename(L, -2));
            lua_pop(L, 2);
            lua_pushnil(L);
            return;
        }
        if (lua_isfunction(L, -1)) {
            lua_insert(L, -3);
            lua_callk(L, 2, 1, context, next);
            return;
        }
        lua_replace(L, -3);
    }
    luaL_error(L, "'__index' chain too long; possibly a loop");
}
