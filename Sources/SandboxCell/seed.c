// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include <alloca.h>
#include <string.h>

#include "sandbox.h"

// Lua hashes strings with a seed that it makes of the time and of addresses, and the order of pairs() follows from it. A
// call could then not be repeated exactly, so the seed is replaced by ours before the first string is made.
//
// Where Lua keeps it is found by trying: two states are begun in the same place, from different depths of the stack, and
// the number that differs is the seed. Where nothing is found, only the order of pairs() is left to chance.

enum { STATE_BYTES_MAX = 4096, NOT_FOUND = -1 };

static long seed_offset = NOT_FOUND;

static struct {
    _Alignas(16) uint8_t block[STATE_BYTES_MAX];
    size_t size;
    uint8_t copies[2][STATE_BYTES_MAX];
    unsigned count;
} trial;

// Gives the one block that holds the state; the second request comes when the seed is there, and is refused.
static void *allocate_trial(void *owner, void *block, size_t old_size, size_t new_size) {
    (void)owner;
    (void)old_size;
    if (new_size == 0 || block) return NULL;
    if (trial.size == 0 && new_size <= STATE_BYTES_MAX) {
        trial.size = new_size;
        return trial.block;
    }
    if (trial.count < 2) memcpy(trial.copies[trial.count++], trial.block, STATE_BYTES_MAX);
    return NULL;
}

__attribute__((noinline)) static void begin_state(size_t depth) {
    volatile char *deeper = alloca(depth);
    deeper[0] = 0;
    memset(trial.block, 0, sizeof trial.block);
    trial.size = 0;
    lua_newstate(allocate_trial, NULL);
    deeper[depth - 1] = 0;
}

static bool points_to_stack(const uint8_t *word) {
    uintptr_t value, here = (uintptr_t)&value;
    memcpy(&value, word, sizeof value);
    return value > here - (1u << 20) && value < here + (1u << 20);
}

void seed_find(void) {
    long found = NOT_FOUND;
    unsigned differences = 0;
    begin_state(64);
    begin_state(1024);
    if (trial.count != 2) return;
    for (size_t i = 0; i + 8 <= trial.size; i += 8) {
        if (points_to_stack(trial.copies[0] + i) && points_to_stack(trial.copies[1] + i)) continue;
        for (size_t half = i; half < i + 8; half += 4) {
            if (memcmp(trial.copies[0] + half, trial.copies[1] + half, 4) == 0) continue;
            found = (long)half;
            differences++;
        }
    }
    if (differences == 1) seed_offset = found;
}

static struct {
    lua_Alloc allocate;
    uint8_t *state;
    uint32_t seed;
} opening;

static void *allocate_first(void *owner, void *block, size_t old_size, size_t new_size) {
    uint8_t *result = opening.allocate(owner, block, old_size, new_size);
    if (!opening.state) {
        opening.state = result;
    } else if (opening.seed && seed_offset != NOT_FOUND) {
        memcpy(opening.state + seed_offset, &opening.seed, sizeof opening.seed);
        opening.seed = 0;
    }
    return result;
}

lua_State *open_seeded(lua_Alloc allocate, void *owner, uint32_t seed) {
    opening.allocate = allocate;
    opening.state = NULL;
    opening.seed = seed | 1;
    lua_State *L = lua_newstate(allocate_first, owner);
    if (L) lua_setallocf(L, allocate, owner);
    return L;
}

// A C function without upvalues is its address, which differs between processes; as a closure it lies in the arena.
static void place_function(lua_State *L) {
    if (lua_getupvalue(L, -1, 1)) {
        lua_pop(L, 1);
        return;
    }
    lua_CFunction function = lua_tocfunction(L, -1);
    lua_pop(L, 1);
    lua_pushboolean(L, 1);
    lua_pushcclosure(L, function, 1);
}

void place_functions(lua_State *L, int depth) {
    int table = lua_gettop(L);
    luaL_checkstack(L, 6, "functions");
    for (lua_pushnil(L); lua_next(L, table); lua_settop(L, table + 1)) {
        if (lua_istable(L, -1) && depth > 0) {
            place_functions(L, depth - 1);
        } else if (lua_iscfunction(L, -1)) {
            place_function(L);
            lua_pushvalue(L, table + 1);
            lua_insert(L, -2);
            lua_rawset(L, table);
        }
    }
}
