// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include <string.h>

#include "sandbox.h"

// A secret is a handle: the bytes that name it for the host, never the secret itself. It is a userdata without any
// event but __tostring, so that it can be put into a table or an argument and nothing else.

static const char key_handle;

struct handle {
    uint32_t length;
    uint8_t payload[];
};

void push_secret(lua_State *L, struct reader payload) {
    size_t length = (size_t)(payload.end - payload.at);
    struct handle *handle = lua_newuserdatauv(L, sizeof *handle + length, 0);
    handle->length = (uint32_t)length;
    memcpy(handle->payload, payload.at, length);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &key_handle);
    lua_setmetatable(L, -2);
}

bool secret_payload(lua_State *L, int index, struct reader *payload) {
    if (lua_type(L, index) != LUA_TUSERDATA || !lua_getmetatable(L, index)) return false;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &key_handle);
    bool ours = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    if (!ours) return false;
    const struct handle *handle = lua_touserdata(L, index);
    *payload = (struct reader){handle->payload, handle->payload + handle->length};
    return true;
}

static int show(lua_State *L) {
    lua_pushliteral(L, "[secret]");
    return 1;
}

static int refuse(lua_State *L) { return plugin_error(L, "a secret cannot be compared"); }

void open_secrets(lua_State *L) {
    static const luaL_Reg events[] = {{"__tostring", show}, {"__eq", refuse}, {NULL, NULL}};
    lua_createtable(L, 0, 3);
    set_functions(L, events);
    lua_pushliteral(L, "secret");
    lua_setfield(L, -2, "__name");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &key_handle);
}
