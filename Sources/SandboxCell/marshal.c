// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include <stdio.h>
#include <string.h>

#include "sandbox.h"

// Between Lua values and frames. Tables of the plugin are read raw, without metamethods.

// What comes from the host has been checked before; depth is bounded by that check.
void push_value(lua_State *L, struct reader *r) {
    struct item it;
    if (!read_item(r, &it)) {
        lua_pushnil(L);
        return;
    }
    switch (it.type) {
    case ITEM_NIL: lua_pushnil(L); return;
    case ITEM_BOOL: lua_pushboolean(L, it.boolean); return;
    case ITEM_INT: lua_pushinteger(L, it.integer); return;
    case ITEM_DOUBLE: lua_pushnumber(L, it.number); return;
    case ITEM_TEXT: lua_pushlstring(L, it.text.at, it.text.length); return;
    case ITEM_SECRET: push_secret(L, it.secret); return;
    case ITEM_ARRAY:
        luaL_checkstack(L, 6, "value");
        lua_createtable(L, (int)it.count, 0);
        for (uint32_t i = 1; i <= it.count; i++) {
            push_value(L, r);
            // A hole would change the length.
            if (lua_isnil(L, -1)) {
                lua_pop(L, 1);
                lua_pushlightuserdata(L, NULL);
            }
            lua_rawseti(L, -2, i);
        }
        if (it.count == 0) {
            lua_rawgetp(L, LUA_REGISTRYINDEX, &key_array);
            lua_setmetatable(L, -2);
        }
        return;
    case ITEM_MAP:
        luaL_checkstack(L, 6, "value");
        lua_createtable(L, 0, (int)it.count);
        for (uint32_t i = 0; i < it.count; i++) {
            struct text key = {0};
            read_text(r, &key);
            lua_pushlstring(L, key.at, key.length);
            push_value(L, r);
            lua_rawset(L, -3);
        }
        return;
    }
}

// Where in the value we are, so that an error can say it.
struct place {
    const struct place *outer;
    const char *key;  // NULL: an index
    lua_Integer index;
};

struct encoder {
    lua_State *L;
    struct writer *out;
    const char *what;
    size_t start;
    unsigned nodes, depth;
    bool mask_secrets;
};

static void place_text(const struct place *place, char *buffer, size_t size) {
    if (!place) return;
    place_text(place->outer, buffer, size);
    size_t length = strlen(buffer);
    if (place->key) snprintf(buffer + length, size - length, ".%.40s", place->key);
    else snprintf(buffer + length, size - length, "[%lld]", (long long)place->index);
}

static _Noreturn void refuse(struct encoder *e, const struct place *place, const char *why) {
    char where[256] = "";
    place_text(place, where, sizeof where);
    current->invalid_value = true;
    plugin_error(e->L, "%s%s %s", e->what, where, why);
}

static void room(struct encoder *e, const struct place *place, bool fits) {
    if (!fits || e->out->length - e->start > VALUE_BYTES_MAX) refuse(e, place, "is larger than 256 KiB");
}

static void encode(struct encoder *e, int index, const struct place *place);

static void encode_array(struct encoder *e, int index, lua_Unsigned count, const struct place *place) {
    lua_State *L = e->L;
    room(e, place, write_array(e->out, (uint32_t)count));
    for (lua_Unsigned i = 1; i <= count; i++) {
        struct place here = {place, NULL, (lua_Integer)i};
        lua_rawgeti(L, index, (lua_Integer)i);
        encode(e, lua_gettop(L), &here);
        lua_pop(L, 1);
    }
}

static void encode_map(struct encoder *e, int index, const struct place *place) {
    lua_State *L = e->L;
    size_t head;
    unsigned count = 0;
    room(e, place, write_open_map(e->out, &head));
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING) refuse(e, place, "mixes names with other keys");
        size_t length;
        const char *key = lua_tolstring(L, -2, &length);
        struct place here = {place, key, 0};
        room(e, &here, write_text(e->out, key, length));
        encode(e, lua_gettop(L), &here);
        count++;
    }
    write_map_count(e->out, head, (uint16_t)count);
}

static void encode_table(struct encoder *e, int index, const struct place *place) {
    lua_State *L = e->L;
    bool array = false;
    if (++e->depth > VALUE_DEPTH_MAX) refuse(e, place, "is nested more than 32 levels deep");
    luaL_checkstack(L, 8, "value");
    int top = lua_gettop(L);
    if (lua_getmetatable(L, index)) {
        lua_rawgetp(L, LUA_REGISTRYINDEX, &key_array);
        array = lua_rawequal(L, -1, -2);
        // A read-only table of ours: what it shows is behind it.
        if (lua_rawgetp(L, -2, &key_inner) == LUA_TTABLE) index = lua_gettop(L);
    }
    lua_Unsigned length = lua_rawlen(L, index), keys = 0;
    if (length > VALUE_NODES_MAX) refuse(e, place, "has more than 10000 elements");
    if (length > 0 || array) {
        for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
            if (lua_isinteger(L, -2) && lua_tointeger(L, -2) >= 1 && (lua_Unsigned)lua_tointeger(L, -2) <= length) keys++;
            else refuse(e, place, "mixes an array with other keys");
        }
        if (keys != length) refuse(e, place, "is an array with holes");
        encode_array(e, index, length, place);
    } else {
        encode_map(e, index, place);
    }
    lua_settop(L, top);
    e->depth--;
}

static void encode_secret(struct encoder *e, int index, const struct place *place) {
    struct reader payload;
    if (!secret_payload(e->L, index, &payload)) refuse(e, place, "is a userdata value, which cannot leave the plugin");
    size_t size = (size_t)(payload.end - payload.at);
    if (e->mask_secrets) room(e, place, write_string(e->out, "[secret]"));
    else room(e, place, write_secret_head(e->out, (uint32_t)size) && write_raw(e->out, payload.at, size));
}

static void encode(struct encoder *e, int index, const struct place *place) {
    lua_State *L = e->L;
    if (++e->nodes > VALUE_NODES_MAX) refuse(e, NULL, "has more than 10000 values");
    charge(L, 1);
    switch (lua_type(L, index)) {
    case LUA_TNIL: room(e, place, write_nil(e->out)); return;
    case LUA_TBOOLEAN: room(e, place, write_bool(e->out, lua_toboolean(L, index))); return;
    case LUA_TNUMBER:
        if (lua_isinteger(L, index)) room(e, place, write_integer(e->out, lua_tointeger(L, index)));
        else room(e, place, write_double(e->out, lua_tonumber(L, index)));
        return;
    case LUA_TSTRING: {
        size_t length;
        const char *text = lua_tolstring(L, index, &length);
        room(e, place, write_text(e->out, text, length));
        return;
    }
    case LUA_TTABLE: encode_table(e, index, place); return;
    case LUA_TLIGHTUSERDATA: room(e, place, write_nil(e->out)); return;
    case LUA_TUSERDATA: encode_secret(e, index, place); return;
    case LUA_TFUNCTION: refuse(e, place, "is a function value, which cannot leave the plugin");
    default: refuse(e, place, "is a thread value, which cannot leave the plugin");
    }
}

void write_value(lua_State *L, int index, struct writer *out, const char *what, bool mask_secrets) {
    struct encoder e = {.L = L, .out = out, .what = what, .start = out->length, .mask_secrets = mask_secrets};
    encode(&e, index, NULL);
}
