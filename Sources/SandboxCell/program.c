// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include <string.h>
#include <sys/mman.h>

#include "sandbox.h"

// The files of the program, kept as they came: each further state is loaded from them.

enum { FILES_MAX = 64, NAME_MAX_BYTES = 100 };

static struct {
    struct reader frame;
    uint32_t count;
    struct {
        struct text name, source;
    } files[FILES_MAX];
    struct text entry;
    uint32_t seed;
} program;

static const char key_loaded, key_chunks;

bool program_keep(const uint8_t *bytes, size_t length) {
    uint8_t *copy = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (copy == MAP_FAILED) return false;
    memcpy(copy, bytes, length);
    program.frame = (struct reader){copy, copy + length};
    return true;
}

struct reader program_frame(void) { return program.frame; }
uint32_t program_seed(void) { return program.seed; }

static void mix(struct text text) {
    for (size_t i = 0; i < text.length; i++) program.seed = (program.seed ^ (unsigned char)text.at[i]) * 0x01000193u;
}

// `load` has been checked as a whole and points into the kept frame.
bool program_parse(struct reader load, size_t *memory, uint32_t *states, uint64_t *cpu_ns) {
    struct reader r;
    int64_t number;
    uint32_t pair;
    if (!find_member(load, "entry", 5, &r) || !read_text(&r, &program.entry)) return false;
    if (!find_member(load, "memory", 6, &r) || !read_integer(&r, &number)) return false;
    if (number < 64 * 1024 || number > (int64_t)1 << 30) return false;
    *memory = (size_t)number;
    if (!find_member(load, "states", 6, &r) || !read_integer(&r, &number) || number < 1 || number > 256) return false;
    *states = (uint32_t)number;
    *cpu_ns = 1000000000u;
    if (find_member(load, "cpu_us", 6, &r)) {
        if (!read_integer(&r, &number) || number < 1000 || number > 60000000) return false;
        *cpu_ns = (uint64_t)number * 1000;
    }
    int64_t seed = 0;
    if (find_member(load, "seed", 4, &r) && (!read_integer(&r, &seed) || seed < 1 || seed > UINT32_MAX)) return false;
    if (!find_member(load, "files", 5, &r) || !read_count(&r, ITEM_ARRAY, &program.count)) return false;
    if (program.count == 0 || program.count > FILES_MAX) return false;
    for (uint32_t i = 0; i < program.count; i++) {
        struct text *name = &program.files[i].name;
        struct text *source = &program.files[i].source;
        if (!read_count(&r, ITEM_ARRAY, &pair) || pair != 2 || !read_text(&r, name) || !read_text(&r, source)) return false;
        mix(*name);
        mix(*source);
        if (name->length == 0 || name->length > NAME_MAX_BYTES || memchr(name->at, 0, name->length)) return false;
    }
    // A changed program that is compared with the one before sees its keys in the same order.
    if (seed) program.seed = (uint32_t)seed;
    return true;
}

// Pushes the compiled file. Text only: bytecode can do anything to the interpreter.
static void push_chunk(lua_State *L, const char *name, struct text source) {
    if (source.length > SOURCE_BYTES_MAX) luaL_error(L, "%s:1: the file is larger than %d KiB", name, SOURCE_BYTES_MAX / 1024);
    if (source.length > 0 && source.at[0] == LUA_SIGNATURE[0]) luaL_error(L, "%s:1: the file is bytecode; plugins are text", name);
    if (source.length >= 3 && memcmp(source.at, "\xef\xbb\xbf", 3) == 0) source = (struct text){source.at + 3, source.length - 3};
    const char *chunk = lua_pushfstring(L, "=%s", name);
    if (luaL_loadbufferx(L, source.at, source.length, chunk, "t") != LUA_OK) lua_error(L);
    lua_remove(L, -2);
}

// The number of the file, 0 when there is none.
static lua_Integer find_file(const char *name, size_t length) {
    for (uint32_t i = 0; i < program.count; i++) {
        if (program.files[i].name.length == length && memcmp(program.files[i].name.at, name, length) == 0) return i + 1;
    }
    return 0;
}

// Marks a file that runs, or that failed when it ran, and pushes its chunk. A chunk runs once: what it does not leave
// behind is garbage then.
static void take_chunk(lua_State *L, lua_Integer file) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &key_loaded);
    lua_pushlightuserdata(L, (void *)&key_loaded);
    lua_rawseti(L, -2, file);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &key_chunks);
    lua_rawgeti(L, -1, file);
    lua_pushnil(L);
    lua_rawseti(L, -3, file);
    lua_replace(L, -3);
    lua_pop(L, 1);
}

// Every file is compiled, also one that only an operation requires: its mistakes are found now, and the snapshot keeps
// the chunk.
int load_program(lua_State *L) {
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &key_loaded);
    lua_createtable(L, (int)program.count, 0);
    for (uint32_t i = 0; i < program.count; i++) {
        const char *name = lua_pushlstring(L, program.files[i].name.at, program.files[i].name.length);
        push_chunk(L, name, program.files[i].source);
        lua_rawseti(L, -3, i + 1);
        lua_pop(L, 1);
    }
    lua_rawsetp(L, LUA_REGISTRYINDEX, &key_chunks);
    lua_Integer entry = find_file(program.entry.at, program.entry.length);
    if (!entry) return luaL_error(L, "the program has no file %s", lua_pushlstring(L, program.entry.at, program.entry.length));
    take_chunk(L, entry);
    lua_call(L, 0, 1);
    return 1;
}

static int finish_require(lua_State *L, int status, lua_KContext file) {
    (void)status;
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushboolean(L, 1);
    }
    lua_rawgetp(L, LUA_REGISTRYINDEX, &key_loaded);
    lua_pushvalue(L, -2);
    lua_rawseti(L, -2, file);
    lua_pop(L, 1);
    return 1;
}

// require "lib/x" or "lib.x" runs lib/x.lua of the same program, once. What was required while the program was loaded is
// in the snapshot; what an operation requires first is run anew in each invocation.
int require_file(lua_State *L) {
    size_t length;
    const char *asked = luaL_checklstring(L, 1, &length);
    char name[NAME_MAX_BYTES + 8];
    lua_Integer file = 0;
    if (length > 0 && length <= NAME_MAX_BYTES) {
        memcpy(name, asked, length + 1);
        if (!(file = find_file(name, length))) {
            for (size_t i = 0; i < length; i++) {
                if (name[i] == '.') name[i] = '/';
            }
            strcpy(name + length, ".lua");
            file = find_file(name, length + 4);
        }
    }
    if (!file) return plugin_error(L, "require: the plugin has no file for '%s'", asked);
    int arguments = lua_gettop(L) - 1;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &key_loaded);
    if (lua_rawgeti(L, -1, file) != LUA_TNIL) {
        if (lua_touserdata(L, -1) == &key_loaded) return plugin_error(L, "require: '%s' requires itself or failed before", name);
        return 1;
    }
    lua_pop(L, 2);
    take_chunk(L, file);
    lua_insert(L, 2);
    lua_callk(L, arguments, 1, file, finish_require);
    return finish_require(L, LUA_OK, file);
}
