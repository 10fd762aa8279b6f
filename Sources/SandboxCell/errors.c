// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sandbox.h"

// The first Lua function at or above `level`: its line is the one that the author of the plugin can mend.
static bool find_line(lua_State *L, int level, lua_Debug *ar) {
    for (; lua_getstack(L, level, ar); level++) {
        lua_getinfo(L, "Sl", ar);
        if (ar->currentline > 0) return true;
    }
    return false;
}

void note_place(struct sandbox *sandbox, lua_State *L) {
    lua_Debug ar;
    if (sandbox->place[0] || !find_line(L, 0, &ar)) return;
    snprintf(sandbox->place, sizeof sandbox->place, "%s:%d: ", ar.short_src, ar.currentline);
}

int raise_killed(lua_State *L) {
    note_place(current, L);
    // The text is never shown: describe_error looks at `killed`. Whatever is on top will do.
    if (lua_gettop(L) == 0) lua_pushnil(L);
    lua_error(L);
    __builtin_unreachable();
}

void kill_invocation(enum kill kill) {
    if (!current->killed) current->killed = kill;
}

void end_charged(lua_State *L) {
    kill_invocation(KILLED_CPU);
    raise_killed(L);
}

int plugin_error(lua_State *L, const char *format, ...) {
    lua_Debug ar;
    va_list arguments;
    if (find_line(L, 0, &ar)) lua_pushfstring(L, "%s:%d: ", ar.short_src, ar.currentline);
    else lua_pushliteral(L, "");
    va_start(arguments, format);
    lua_pushvfstring(L, format, arguments);
    va_end(arguments);
    lua_concat(L, 2);
    lua_error(L);
    __builtin_unreachable();
}

static void append(char *buffer, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void append(char *buffer, size_t size, const char *format, ...) {
    size_t length = strlen(buffer);
    va_list arguments;
    va_start(arguments, format);
    if (length < size) vsnprintf(buffer + length, size - length, format, arguments);
    va_end(arguments);
}

static void copy_text(struct fault *fault, const char *text, size_t length) {
    if (length >= sizeof fault->message) length = sizeof fault->message - 1;
    memcpy(fault->message, text, length);
    fault->message[length] = 0;
}

// The message of the value on top. Reads raw and calls nothing: the value comes from the plugin.
static void copy_message(lua_State *thread, struct fault *fault) {
    size_t length;
    switch (lua_gettop(thread) > 0 ? lua_type(thread, -1) : LUA_TNIL) {
    case LUA_TSTRING: {
        const char *text = lua_tolstring(thread, -1, &length);
        copy_text(fault, text, length);
        return;
    }
    case LUA_TNUMBER:
        append(fault->message, sizeof fault->message, "%.14g", (double)lua_tonumber(thread, -1));
        return;
    case LUA_TTABLE:
        if (!lua_checkstack(thread, 3)) break;
        for (lua_pushnil(thread); lua_next(thread, -2); lua_pop(thread, 1)) {
            if (lua_type(thread, -2) != LUA_TSTRING || strcmp(lua_tostring(thread, -2), "message") != 0) continue;
            if (lua_type(thread, -1) != LUA_TSTRING) continue;
            const char *text = lua_tolstring(thread, -1, &length);
            copy_text(fault, text, length);
            lua_pop(thread, 2);
            return;
        }
        break;
    default: break;
    }
    append(fault->message, sizeof fault->message, "the plugin raised an error object that is a %s value",
           lua_typename(thread, lua_gettop(thread) > 0 ? lua_type(thread, -1) : LUA_TNIL));
}

// Names of functions are left out: Lua finds them by walking the caller's code, in quadratic time, and here no limit holds.
static void write_traceback(lua_State *thread, struct fault *fault) {
    enum { FIRST = 12 };
    lua_Debug ar;
    int shown = 0;
    for (int level = 0; lua_getstack(thread, level, &ar); level++) {
        lua_getinfo(thread, "Sl", &ar);
        if (ar.currentline <= 0) continue;
        if (shown++ == FIRST) {
            append(fault->traceback, sizeof fault->traceback, "…\n");
            return;
        }
        append(fault->traceback, sizeof fault->traceback, "%s:%d: in ", ar.short_src, ar.currentline);
        if (*ar.what == 'm') append(fault->traceback, sizeof fault->traceback, "main chunk\n");
        else append(fault->traceback, sizeof fault->traceback, "function <%s:%d>\n", ar.short_src, ar.linedefined);
    }
}

void describe_error(struct sandbox *sandbox, lua_State *thread, int status, struct fault *fault) {
    fault->message[0] = fault->traceback[0] = 0;
    // After an escape the state is torn and is not looked at.
    if (thread) write_traceback(thread, fault);
    if (sandbox->killed == ALIVE && thread && status != LUA_ERRMEM) {
        copy_message(thread, fault);
        return;
    }
    if (thread) note_place(sandbox, thread);
    append(fault->message, sizeof fault->message, "%s", sandbox->place);
    switch (sandbox->killed) {
    case KILLED_CPU:
        if (sandbox->budget.instructions && sandbox->steps > sandbox->budget.instructions)
            append(fault->message, sizeof fault->message, "the operation executed more than its %llu instructions",
                   (unsigned long long)sandbox->budget.instructions);
        else
            append(fault->message, sizeof fault->message, "the operation used more than its %llu ms of CPU time",
                   (unsigned long long)(sandbox->budget.cpu_ns / 1000000));
        break;
    case KILLED_HOST_CALLS:
        append(fault->message, sizeof fault->message, "the operation made more than its %u host calls", sandbox->budget.host_calls);
        break;
    default:
        append(fault->message, sizeof fault->message,
               sandbox->too_deep ? "stack overflow: functions call each other too deeply" : "not enough memory");
    }
}

// pcall and xpcall that host calls may yield through, and that do not catch what ends the invocation.

static void must_go_on(lua_State *L, int status) {
    if (status == LUA_ERRMEM) kill_invocation(KILLED_MEMORY);
    if (!current->killed) return;
    // A yield passes by all protected calls at once. To raise the error again at each of thousands takes quadratic time.
    if (lua_isyieldable(L)) {
        note_place(current, L);
        lua_yield(L, 0);
    }
    raise_killed(L);
}

static int finish_protected(lua_State *L, int status, lua_KContext context) {
    (void)context;
    must_go_on(L, status);
    if (status != LUA_OK && status != LUA_YIELD) {
        current->invalid_value = false;
        lua_pushboolean(L, 0);
        lua_pushvalue(L, -2);
        return 2;
    }
    return lua_gettop(L);
}

static int protected_call(lua_State *L) {
    luaL_checkany(L, 1);
    lua_pushboolean(L, 1);
    lua_insert(L, 1);
    int status = lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, finish_protected);
    return finish_protected(L, status, 0);
}

// The handler of xpcall runs after the stack was left: there are no hooks inside the interpreter's own handlers, and no
// yields. Nothing that a plugin has could show it the stack. Stack: 1 handler, 2 true, or the error.

enum { HANDLERS_MAX = 200 };  // that fail one after another

static int finish_handler(lua_State *L, int status, lua_KContext tries);

static int handle(lua_State *L, lua_KContext tries) {
    for (;; tries++) {
        // The error is on top.
        lua_replace(L, 2);
        lua_settop(L, 2);
        if (tries == HANDLERS_MAX) {
            lua_pushboolean(L, 0);
            lua_pushliteral(L, "error in error handling");
            return 2;
        }
        lua_pushvalue(L, 1);
        lua_pushvalue(L, 2);
        int status = lua_pcallk(L, 1, 1, 0, tries + 1, finish_handler);
        if (status == LUA_OK) return finish_handler(L, status, tries);
        must_go_on(L, status);
    }
}

static int finish_handler(lua_State *L, int status, lua_KContext tries) {
    must_go_on(L, status);
    if (status != LUA_OK && status != LUA_YIELD) return handle(L, tries);
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    return 2;
}

static int finish_body(lua_State *L, int status, lua_KContext context) {
    (void)context;
    must_go_on(L, status);
    if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(L) - 1;
    current->invalid_value = false;
    return handle(L, 0);
}

static int protected_call_with_handler(lua_State *L) {
    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_pushboolean(L, 1);
    lua_pushvalue(L, 1);
    lua_rotate(L, 3, 2);
    lua_remove(L, 1);
    int status = lua_pcallk(L, lua_gettop(L) - 3, LUA_MULTRET, 0, 0, finish_body);
    return finish_body(L, status, 0);
}

void open_errors(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"pcall", protected_call},
        {"xpcall", protected_call_with_handler},
        {NULL, NULL},
    };
    set_functions(L, functions);
}
