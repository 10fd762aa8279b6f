// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include <sys/mman.h>

#include "sandbox.h"

// What several encodings share.

static uint8_t *scratch_bytes;
static bool scratch_used;

bool scratch_prepare(void) {
    scratch_bytes = mmap(NULL, BLOCK_BYTES_MAX, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return scratch_bytes != MAP_FAILED;
}

uint8_t *scratch(void) {
    scratch_used = true;
    return scratch_bytes;
}

void scratch_clear(void) {
    if (scratch_used) madvise(scratch_bytes, BLOCK_BYTES_MAX, MADV_DONTNEED);
    scratch_used = false;
}

void make_room(lua_State *L, size_t bytes) {
    // Outside of a cell, where the globals are listed, there is no arena.
    if (current->arena && !arena_has_room(current->arena, bytes)) lua_gc(L, LUA_GCCOLLECT);
}

char *start_buffer(lua_State *L, luaL_Buffer *buffer, size_t bytes) {
    make_room(L, bytes);
    return luaL_buffinitsize(L, buffer, bytes);
}

size_t utf8_length(const unsigned char *s, const unsigned char *end) {
    if (*s < 0x80) return 1;
    size_t n = *s >= 0xf0 ? 4 : *s >= 0xe0 ? 3 : 2;
    if (*s < 0xc2 || *s > 0xf4 || (size_t)(end - s) < n) return 0;
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80) return 0;
    }
    if ((*s == 0xe0 && s[1] < 0xa0) || (*s == 0xed && s[1] > 0x9f) || (*s == 0xf0 && s[1] < 0x90) || (*s == 0xf4 && s[1] > 0x8f)) return 0;
    return n;
}

static void swap(uint8_t *a, uint8_t *b, size_t size) {
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = a[i];
        a[i] = b[i];
        b[i] = byte;
    }
}

static void sift(uint8_t *base, size_t root, size_t count, size_t size, int (*compare)(const void *, const void *)) {
    for (size_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && compare(base + child * size, base + (child + 1) * size) < 0) child++;
        if (compare(base + root * size, base + child * size) >= 0) return;
        swap(base + root * size, base + child * size, size);
    }
}

void sort_items(void *items, size_t count, size_t size, int (*compare)(const void *, const void *)) {
    uint8_t *base = items;
    for (size_t i = count / 2; i-- > 0;) sift(base, i, count, size, compare);
    for (size_t i = count; i-- > 1;) {
        swap(base, base + i * size, size);
        sift(base, 0, i, size, compare);
    }
}
