// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include "sandbox.h"

// Coroutines of the plugin. They differ from the stock ones in four ways: a host call made inside yields through all
// of them up to the host and back down again; the coroutine that runs is known, so that the timer can stop it; each
// costs a fixed number of steps; and once the invocation is killed nothing is resumed or closed.

enum { STEPS_CREATE = 50, STEPS_RESUME = 20 };

static lua_State *to_coroutine(lua_State *L) {
    lua_State *co = lua_tothread(L, 1);
    luaL_argexpected(L, co, 1, "thread");
    return co;
}

static const char *status_of(lua_State *L, lua_State *co) {
    lua_Debug ar;
    if (L == co) return "running";
    switch (lua_status(co)) {
    case LUA_YIELD: return "suspended";
    case LUA_OK:
        if (lua_getstack(co, 0, &ar)) return "normal";
        return lua_gettop(co) == 0 ? "dead" : "suspended";
    default: return "dead";
    }
}

static int finish_resume(lua_State *L, int status, lua_KContext wrapped);

// The results, or -1 with the error on top of L.
static int resume(lua_State *L, lua_State *co, int arguments, lua_KContext wrapped) {
    struct sandbox *sandbox = current;
    int results = 0;
    bool could_yield = sandbox->can_yield;
    charge(L, STEPS_RESUME);
    if (sandbox->depth == COROUTINE_DEPTH_MAX) {
        lua_pushliteral(L, "coroutines are nested more than 16 deep");
        return -1;
    }
    sandbox->can_yield = could_yield && lua_isyieldable(L);
    sandbox->depth++;
    sandbox->running = co;
    count_instructions(co);
    // Killed before the line above: the hook was set on the wrong coroutine.
    int status = sandbox->killed ? LUA_ERRRUN : lua_resume(co, L, arguments, &results);
    sandbox->running = L;
    sandbox->depth--;
    sandbox->can_yield = could_yield;
    if (sandbox->killed) raise_killed(L);
    if (status == LUA_YIELD && sandbox->pending) return lua_yieldk(L, 0, wrapped, finish_resume);
    if (status == LUA_ERRMEM) {
        kill_invocation(KILLED_MEMORY);
        raise_killed(L);
    }
    if (status == LUA_OK || status == LUA_YIELD) {
        if (!lua_checkstack(L, results + 1)) {
            lua_pop(co, results);
            lua_pushliteral(L, "too many results to resume");
            return -1;
        }
        lua_xmove(co, L, results);
        return results;
    }
    sandbox->invalid_value = false;
    lua_xmove(co, L, 1);
    return -1;
}

// The error on top, of a wrapped coroutine, gets the place of the call before it.
static _Noreturn void raise_from(lua_State *L) {
    if (lua_type(L, -1) == LUA_TSTRING) {
        luaL_where(L, 1);
        lua_insert(L, -2);
        lua_concat(L, 2);
    }
    lua_error(L);
    __builtin_unreachable();
}

static int deliver(lua_State *L, int results, lua_KContext wrapped) {
    if (wrapped) {
        if (results < 0) raise_from(L);
        return results;
    }
    if (results < 0) {
        lua_pushboolean(L, 0);
        lua_insert(L, -2);
        return 2;
    }
    lua_pushboolean(L, 1);
    lua_insert(L, -(results + 1));
    return results + 1;
}

// Slot 1 holds the coroutine; the host's reply is read by the innermost host function.
static int finish_resume(lua_State *L, int status, lua_KContext wrapped) {
    (void)status;
    return deliver(L, resume(L, lua_tothread(L, 1), 0, wrapped), wrapped);
}

static int start_resume(lua_State *L, lua_State *co, int arguments, lua_KContext wrapped) {
    if (lua_status(co) == LUA_OK && lua_gettop(co) == 0) {
        lua_pushliteral(L, "cannot resume dead coroutine");
        return deliver(L, -1, wrapped);
    }
    const char *status = status_of(L, co);
    if (*status != 's') {
        lua_pushfstring(L, "cannot resume %s coroutine", *status == 'd' ? "dead" : "non-suspended");
        return deliver(L, -1, wrapped);
    }
    if (!lua_checkstack(co, arguments)) {
        lua_pushliteral(L, "too many arguments to resume");
        return deliver(L, -1, wrapped);
    }
    lua_xmove(L, co, arguments);
    return deliver(L, resume(L, co, arguments, wrapped), wrapped);
}

static int co_resume(lua_State *L) { return start_resume(L, to_coroutine(L), lua_gettop(L) - 1, 0); }

static int co_create(lua_State *L) {
    luaL_checktype(L, 1, LUA_TFUNCTION);
    charge(L, STEPS_CREATE);
    lua_State *co = lua_newthread(L);
    lua_pushvalue(L, 1);
    lua_xmove(L, co, 1);
    return 1;
}

static int call_wrapped(lua_State *L) {
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    return start_resume(L, lua_tothread(L, 1), lua_gettop(L) - 1, 1);
}

static int co_wrap(lua_State *L) {
    co_create(L);
    lua_pushcclosure(L, call_wrapped, 1);
    return 1;
}

static int co_yield(lua_State *L) {
    if (L == current->thread || L == current->main) return luaL_error(L, "attempt to yield from outside a coroutine");
    return lua_yield(L, lua_gettop(L));
}

static int co_status(lua_State *L) {
    lua_pushstring(L, status_of(L, to_coroutine(L)));
    return 1;
}

static int co_running(lua_State *L) {
    lua_pushthread(L);
    lua_pushboolean(L, L == current->thread || L == current->main);
    return 2;
}

static int co_isyieldable(lua_State *L) {
    lua_State *co = lua_isnone(L, 1) ? L : to_coroutine(L);
    lua_pushboolean(L, co != current->thread && co != current->main && lua_isyieldable(co));
    return 1;
}

static int co_close(lua_State *L) {
    lua_State *co = to_coroutine(L);
    const char *status = status_of(L, co);
    if (*status != 's' && *status != 'd') return luaL_error(L, "cannot close a %s coroutine", status);
    charge(L, STEPS_RESUME);
    // Nothing of the plugin runs in here: variables to be closed do not exist without __close.
    if (lua_resetthread(co) == LUA_OK) {
        lua_pushboolean(L, 1);
        return 1;
    }
    lua_pushboolean(L, 0);
    lua_xmove(co, L, 1);
    return 2;
}

void open_coroutines(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"close", co_close},     {"create", co_create},   {"isyieldable", co_isyieldable}, {"resume", co_resume},
        {"running", co_running}, {"status", co_status},   {"wrap", co_wrap},               {"yield", co_yield},
        {NULL, NULL},
    };
    set_functions(L, functions);
}
