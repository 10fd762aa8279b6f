// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include <stdio.h>
#include <string.h>

#include "frames.h"

// A host call is a frame that is written and a yield up to the socket loop; the continuation reads the reply.

enum { LOG_LINE_MAX = 8 * 1024 };

static int take_reply(lua_State *L) {
    struct sandbox *sandbox = current;
    struct reader reply = sandbox->reply, r;
    struct text message = {0};
    sandbox->pending = false;
    if (sandbox->killed) return raise_killed(L);
    if (sandbox->reply_failed) {
        if (find_member(reply, "message", 7, &r)) read_text(&r, &message);
        if (message.length > MESSAGE_BYTES_MAX) message.length = MESSAGE_BYTES_MAX;
        return plugin_error(L, "%s", lua_pushlstring(L, message.at ? message.at : "", message.length));
    }
    return 0;
}

static int finish_call(lua_State *L, int status, lua_KContext context) {
    (void)status;
    (void)context;
    struct reader reply = current->reply;
    take_reply(L);
    lua_settop(L, 0);
    push_value(L, &reply);
    return 1;
}

// The reply to a request is [response or nil, error or nil]; the plugin gets both as results.
static int finish_request(lua_State *L, int status, lua_KContext context) {
    (void)status;
    (void)context;
    struct reader reply = current->reply;
    uint32_t count = 0;
    take_reply(L);
    lua_settop(L, 0);
    if (!read_count(&reply, ITEM_ARRAY, &count) || count == 0) {
        lua_pushnil(L);
        return 1;
    }
    push_value(L, &reply);
    if (lua_istable(L, 1)) push_response(L);
    if (count > 1) push_value(L, &reply);
    return count > 1 ? 2 : 1;
}

static int finish_hex(lua_State *L, int status, lua_KContext context) {
    finish_call(L, status, context);
    return encode_hex(L);
}

static int call_host_then(lua_State *L, const char *name, lua_KFunction finish) {
    struct sandbox *sandbox = current;
    int count = lua_gettop(L);
    char what[80];
    if (sandbox->killed) return raise_killed(L);
    if (sandbox->phase != PHASE_RUNNING) return plugin_error(L, "ctx.%s cannot be called while the plugin is loaded", name);
    if (!sandbox->can_yield || !lua_isyieldable(L))
        return plugin_error(L, "ctx.%s cannot be called from a metamethod that a function of ctx calls", name);
    if (sandbox->usage.host_calls >= sandbox->budget.host_calls) {
        kill_invocation(KILLED_HOST_CALLS);
        return raise_killed(L);
    }
    if (count > 16) return plugin_error(L, "ctx.%s: too many arguments", name);
    struct writer *w = frame_begin(FRAME_HOSTCALL, sandbox->id, 4);
    size_t start = w->length;
    write_string(w, name);
    write_array(w, (uint32_t)count);
    for (int i = 1; i <= count; i++) {
        snprintf(what, sizeof what, "argument %d of ctx.%.40s", i, name);
        write_value(L, i, w, what, false);
    }
    if (w->length - start > VALUE_BYTES_MAX) return plugin_error(L, "ctx.%s: the arguments are larger than 256 KiB", name);
    sandbox->usage.host_calls++;
    sandbox->usage.bytes_out += w->length - start;
    frame_end();
    sandbox->pending = true;
    return lua_yieldk(L, 0, 0, finish);
}

int call_host(lua_State *L, const char *name) {
    return call_host_then(L, name, strcmp(name, "http.request") == 0 ? finish_request : finish_call);
}

int host_function(lua_State *L) { return call_host(L, lua_tostring(L, lua_upvalueindex(1))); }

int random_hex(lua_State *L) { return call_host_then(L, "random.bytes", finish_hex); }

// One line, one way. What exceeds the budget is dropped, and that is said once.
void write_log(lua_State *L, const char *level, const char *message, size_t length, int fields) {
    struct sandbox *sandbox = current;
    if (sandbox->phase != PHASE_RUNNING || sandbox->log_full) return;
    if (length > LOG_LINE_MAX) length = LOG_LINE_MAX;
    struct writer *w = frame_begin(FRAME_LOG, sandbox->id, 5);
    size_t start = w->length;
    write_string(w, level);
    write_clean(w, message, length);
    if (fields) write_value(L, fields, w, "a log field", true);
    else write_map(w, 0);
    size_t size = w->length - start;
    if (size > sandbox->budget.log_bytes) {
        sandbox->log_full = true;
        w = frame_begin(FRAME_LOG, sandbox->id, 5);
        write_string(w, "warn");
        write_string(w, "the log limit of this call is reached; further lines are dropped");
        write_map(w, 0);
    } else {
        sandbox->budget.log_bytes -= (uint32_t)size;
    }
    frame_end();
}
