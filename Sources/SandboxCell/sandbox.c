// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include "sandbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frames.h"

struct sandbox *current;
struct operations operations;
static const char key_thread;

// Levels of a recursion that is worth being named when memory runs out.
enum { DEEP = 4000 };

static void *allocate(void *owner, void *block, size_t old_size, size_t new_size) {
    struct sandbox *sandbox = owner;
    if (block == NULL) old_size = 0;
    if (new_size <= old_size) return arena_resize(sandbox->arena, block, old_size, new_size, RESERVE_BYTES);
    if (sandbox->killed && !sandbox->reporting) return NULL;
    void *result = arena_resize(sandbox->arena, block, old_size, new_size, sandbox->reporting ? RESERVE_BYTES : 0);
    if (result) {
        sandbox->refused = false;
    } else if (!sandbox->refused) {
        // Lua collects its garbage and asks once more.
        sandbox->refused = true;
    } else if (old_size == BLOCK_BYTES_MAX) {
        // The table of all strings, which Lua goes on with as it is, or another block that is full: then Lua raises.
        sandbox->refused = false;
    } else if (!sandbox->killed) {
        lua_Debug ar;
        sandbox->too_deep = sandbox->running && lua_getstack(sandbox->running, DEEP, &ar);
        sandbox->killed = KILLED_MEMORY;
        if (sandbox->running) note_place(sandbox, sandbox->running);
    }
    return result;
}

static int state_lost(lua_State *L) {
    (void)L;
    // An error outside protection: no promise about this state holds any more.
    if (current) {
        struct fault fault = {.kind = "state_lost"};
        strcpy(fault.message, "the Lua state was lost");
        frame_fault(current, &fault);
        frames_flush();
    }
    _Exit(EXIT_STATE_LOST);
}

static int compare_names(const void *a, const void *b) { return strcmp(a, b); }

static const char name_characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

// The table on top must map names to functions.
static void check_operations(lua_State *L) {
    bool first = operations.count == 0;
    if (!lua_istable(L, -1)) luaL_error(L, "%s must return a table of operations, not %s", "the entry file", luaL_typename(L, -1));
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING) luaL_error(L, "the table of operations must have names as keys, not %s", luaL_typename(L, -2));
        size_t length;
        const char *name = lua_tolstring(L, -2, &length);
        if (length == 0 || length >= sizeof operations.names[0] || strspn(name, name_characters) != length)
            luaL_error(L, "an operation's name must have 1 to 63 letters, digits and '_'");
        if (!lua_isfunction(L, -1)) luaL_error(L, "operation '%s' must be a function, not %s", name, luaL_typename(L, -1));
        if (!first) continue;
        if (operations.count == 64) luaL_error(L, "more than 64 operations");
        memcpy(operations.names[operations.count++], name, length + 1);
    }
    if (first) sort_items(operations.names, operations.count, sizeof operations.names[0], compare_names);
}

static int finish_invocation(lua_State *L, int status, lua_KContext context) {
    (void)status;
    (void)context;
    struct writer *w = frame_begin(FRAME_RESULT, current->id, 4);
    write_value(L, lua_gettop(L), w, "the result", false);
    return 0;
}

// The entry of the invocation's coroutine: everything that may raise happens below it.
static int invoke(lua_State *L) {
    struct sandbox *sandbox = current;
    hold_context(L, sandbox->context);
    struct text name = sandbox->operation;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &key_operations);
    lua_pushlstring(L, name.at, name.length);
    lua_rawget(L, -2);
    if (!lua_isfunction(L, -1)) {
        sandbox->no_operation = true;
        return luaL_error(L, "the plugin has no operation '%s'", lua_pushlstring(L, name.at, name.length < 64 ? name.length : 64));
    }
    lua_rawgetp(L, LUA_REGISTRYINDEX, &key_ctx);
    push_value(L, &sandbox->request);
    lua_callk(L, 2, 1, 0, finish_invocation);
    return finish_invocation(L, LUA_OK, 0);
}

static int open_state(lua_State *L) {
    open_environment(L);
    load_program(L);
    check_operations(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &key_operations);
    lua_State *thread = lua_newthread(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &key_thread);
    lua_pushcfunction(thread, invoke);
    current->thread = thread;
    // The arena is thrown away after each invocation: most never need a collection.
    lua_gc(L, LUA_GCINC, 1000, 0, 0);
    lua_gc(L, LUA_GCCOLLECT);
    return 0;
}

static int run_open(struct sandbox *sandbox) {
    lua_pushcfunction(sandbox->main, open_state);
    return lua_pcall(sandbox->main, 0, 0, 0);
}

// "main.lua:12: unexpected symbol" becomes its three parts.
static void locate(struct load_error *error, const char *message) {
    const char *colon = strchr(message, ':'), *rest = message;
    char *end;
    if (colon && colon > message && (size_t)(colon - message) < sizeof error->file) {
        long line = strtol(colon + 1, &end, 10);
        if (end > colon + 1 && end[0] == ':' && end[1] == ' ' && line > 0) {
            memcpy(error->file, message, (size_t)(colon - message));
            error->file[colon - message] = 0;
            error->line = (int)line;
            rest = end + 2;
        }
    }
    size_t length = strnlen(rest, sizeof error->message - 1);
    memcpy(error->message, rest, length);
    error->message[length] = 0;
}

static void locate_limit(struct load_error *error, const struct sandbox *sandbox, const char *message) {
    char text[MESSAGE_BYTES_MAX];
    snprintf(text, sizeof text, "%s%s", sandbox->place, message);
    locate(error, text);
}

bool sandbox_open(struct sandbox *sandbox, size_t memory, uint64_t cpu_ns, struct load_error *error) {
    memset(sandbox, 0, sizeof *sandbox);
    memset(error, 0, sizeof *error);
    sandbox->phase = PHASE_LOADING;
    sandbox->budget = (struct budget){.cpu_ns = cpu_ns, .log_bytes = 0};
    sandbox->arena = arena_map(memory, BLOCK_BYTES_MAX);
    if (!sandbox->arena) {
        error->kind = "memory";
        locate(error, "no address space is left for another state");
        return false;
    }
    current = sandbox;
    sandbox->main = open_seeded(allocate, sandbox, program_seed());
    int status = LUA_ERRMEM;
    if (sandbox->main) {
        lua_atpanic(sandbox->main, state_lost);
        sandbox->running = sandbox->main;
        status = deadline_run(sandbox, run_open);
    }
    sandbox->running = sandbox->thread;
    if (status == LUA_OK && !sandbox->killed && arena_snapshot(sandbox->arena, &sandbox->snapshot)) {
        sandbox->phase = PHASE_FREE;
        return true;
    }
    error->kind = "error";
    if (status == SLICE_ESCAPED || sandbox->killed == KILLED_CPU) {
        error->kind = status == SLICE_ESCAPED ? "cpu_forced" : "cpu";
        locate_limit(error, sandbox, "loading takes too much CPU time");
    } else if (sandbox->killed || status == LUA_ERRMEM || status == LUA_OK) {
        error->kind = "memory";
        locate_limit(error, sandbox, "loading takes more memory than the plugin may use");
    } else if (lua_type(sandbox->main, -1) == LUA_TSTRING) {
        locate(error, lua_tostring(sandbox->main, -1));
    } else {
        locate(error, "the plugin raised an error that is not a string while it was loaded");
    }
    sandbox_close(sandbox);
    return false;
}

void sandbox_close(struct sandbox *sandbox) {
    if (sandbox->snapshot.bytes) snapshot_unmap(&sandbox->snapshot);
    if (sandbox->arena) arena_unmap(sandbox->arena);
    sandbox->arena = NULL;
    sandbox->phase = PHASE_EMPTY;
}

void sandbox_restore(struct sandbox *sandbox) {
    if (!sandbox->torn) arena_restore(sandbox->arena, &sandbox->snapshot);
    else if (!arena_renew(sandbox->arena, &sandbox->snapshot)) _Exit(EXIT_SYSTEM);
    sandbox->torn = false;
    sandbox->phase = PHASE_FREE;
}

static int run_slice(struct sandbox *sandbox) {
    int results;
    return lua_resume(sandbox->thread, NULL, 0, &results);
}

static void explain(struct sandbox *sandbox, int status, struct fault *fault) {
    fault->message[0] = fault->traceback[0] = 0;
    sandbox->reporting = true;
    describe_error(sandbox, status == SLICE_ESCAPED ? NULL : sandbox->thread, status, fault);
    sandbox->reporting = false;
    if (sandbox->killed == KILLED_CPU) fault->kind = status == SLICE_ESCAPED ? "cpu_forced" : "cpu";
    else if (sandbox->killed == KILLED_MEMORY) fault->kind = "memory";
    else if (sandbox->killed == KILLED_HOST_CALLS) fault->kind = "host_calls";
    else if (sandbox->no_operation) fault->kind = "no_operation";
    else if (sandbox->invalid_value) fault->kind = "invalid_value";
    else fault->kind = "error";
}

static enum outcome slice(struct sandbox *sandbox, struct fault *fault) {
    sandbox->phase = PHASE_RUNNING;
    sandbox->can_yield = true;
    int status = deadline_run(sandbox, run_slice);
    sandbox->torn = status == SLICE_ESCAPED;
    if (status == LUA_OK && !sandbox->killed) {
        sandbox->phase = PHASE_DIRTY;
        return OUTCOME_DONE;
    }
    // The call is on its way, whatever happened since; an invocation that was killed ends when the reply comes.
    if (status == LUA_YIELD && sandbox->pending) {
        sandbox->phase = PHASE_WAITING;
        return OUTCOME_WAITING;
    }
    if (status == LUA_ERRMEM && !sandbox->killed) sandbox->killed = KILLED_MEMORY;
    explain(sandbox, status, fault);
    sandbox->phase = PHASE_DIRTY;
    return OUTCOME_FAULT;
}

enum outcome sandbox_begin(struct sandbox *sandbox, struct fault *fault) {
    sandbox->killed = ALIVE;
    sandbox->refused = sandbox->too_deep = sandbox->pending = sandbox->invalid_value = false;
    sandbox->no_operation = sandbox->log_full = sandbox->reply_failed = false;
    sandbox->place[0] = 0;
    sandbox->depth = 0;
    sandbox->running = sandbox->thread;
    memset(&sandbox->usage, 0, sizeof sandbox->usage);
    sandbox->steps = 0;
    sandbox->usage.bytes_in = (uint64_t)(sandbox->request.end - sandbox->request.at);
    sandbox->arrived_ns = monotonic_ns();
    count_instructions(sandbox->thread);
    return slice(sandbox, fault);
}

enum outcome sandbox_resume(struct sandbox *sandbox, struct fault *fault) {
    sandbox->running = sandbox->thread;
    sandbox->usage.bytes_in += (uint64_t)(sandbox->reply.end - sandbox->reply.at);
    return slice(sandbox, fault);
}
