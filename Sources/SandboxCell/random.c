// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include "sandbox.h"

// math.random: xoshiro256** seeded from the id of the call, so that a call can be repeated. It is no source of
// secrets; ctx.random is.

static uint64_t rotate(uint64_t v, int n) { return v << n | v >> (64 - n); }

static uint64_t next(uint64_t *s) {
    uint64_t result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

static void seed(struct sandbox *sandbox, uint64_t value) {
    for (int i = 0; i < 4; i++) {
        uint64_t z = value += 0x9e3779b97f4a7c15u;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
        z = (z ^ z >> 27) * 0x94d049bb133111ebu;
        sandbox->random[i] = z ^ z >> 31;
    }
}

void seed_random(struct sandbox *sandbox, struct text text) {
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < text.length; i++) hash = (hash ^ (unsigned char)text.at[i]) * 0x100000001b3u;
    seed(sandbox, hash);
}

static int random_number(lua_State *L) {
    lua_Integer low = 1, high;
    uint64_t value = next(current->random);
    switch (lua_gettop(L)) {
    case 0: lua_pushnumber(L, (lua_Number)(value >> 11) * 0x1p-53); return 1;
    case 1:
        high = luaL_checkinteger(L, 1);
        if (high == 0) {
            lua_pushinteger(L, (lua_Integer)value);
            return 1;
        }
        break;
    case 2:
        low = luaL_checkinteger(L, 1);
        high = luaL_checkinteger(L, 2);
        break;
    default: return luaL_error(L, "wrong number of arguments");
    }
    luaL_argcheck(L, low <= high, lua_gettop(L), "interval is empty");
    uint64_t span = (uint64_t)high - (uint64_t)low, mask = span;
    for (int shift = 1; shift < 64; shift *= 2) mask |= mask >> shift;
    while ((value &= mask) > span) value = next(current->random);
    lua_pushinteger(L, (lua_Integer)(value + (uint64_t)low));
    return 1;
}

static int random_seed(lua_State *L) {
    seed(current, (uint64_t)luaL_checkinteger(L, 1));
    return 0;
}

void open_random(lua_State *L) {
    static const luaL_Reg functions[] = {{"random", random_number}, {"randomseed", random_seed}, {NULL, NULL}};
    seed(current, 0);
    set_functions(L, functions);
}
