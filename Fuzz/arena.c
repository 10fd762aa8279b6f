// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include "cell.h"

// The allocator: blocks keep their bytes and never share them, the caps hold, and a snapshot brings everything back.

enum { CAP = 256 * 1024, BLOCK_CAP = 64 * 1024, HEADROOM = 8 * 1024, BLOCKS = 64 };

struct block {
    uint8_t *bytes;
    size_t size;
    uint8_t fill;
};

static struct arena *arena;
static struct block blocks[BLOCKS], kept[BLOCKS];
static size_t used, kept_used;
static uint8_t fill;

static void check(const struct block *b, size_t size) {
    require(((uintptr_t)b->bytes & 15) == 0, "a block that is not aligned");
    if (size == 0) return;
    bool same = *b->bytes == b->fill && memcmp(b->bytes, b->bytes + 1, size - 1) == 0;
    require(same, "a block of %zu bytes changed", b->size);
}

static void resize(struct block *b, size_t size, size_t headroom) {
    if (b->bytes) check(b, b->size);
    uint8_t *moved = arena_resize(arena, b->bytes, b->size, size, headroom);
    if (!moved && size) {
        require(size > b->size, "less memory was refused");
        return;
    }
    require(size <= b->size || (size <= BLOCK_CAP && used - b->size + size <= CAP + headroom), "more memory than there may be");
    used += size - b->size;
    b->bytes = moved;
    check(b, b->size < size ? b->size : size);
    b->fill = ++fill;
    b->size = size;
    if (size) memset(b->bytes, b->fill, size);
    require(arena_peak(arena) >= used, "a peak of %zu with %zu in use", arena_peak(arena), used);
}

// Small ones are frequent, as in Lua; some are larger than may be.
static size_t size_from(uint8_t kind, uint8_t value) {
    switch (kind >> 6) {
    case 0: return value;
    case 1: return (size_t)value * 4;
    case 2: return (size_t)value * 64;
    default: return (size_t)value * 300;
    }
}

static void run(const uint8_t *data, size_t size) {
    for (size_t i = 0; i + 2 < size; i += 3) {
        struct block *b = &blocks[data[i] % BLOCKS];
        resize(b, size_from(data[i + 1], data[i + 2]), data[i + 1] & 1 ? HEADROOM : 0);
    }
    for (int i = 0; i < BLOCKS; i++) check(&blocks[i], blocks[i].size);
}

static void bring_back(const struct snapshot *snapshot, bool torn) {
    if (torn) {
        // As if the deadline had left a C function in the middle.
        memset((char *)arena + snapshot->size / 2, 0x5a, snapshot->size / 2);
        require(arena_renew(arena, snapshot), "the arena is not made anew");
    } else {
        arena_restore(arena, snapshot);
    }
    memcpy(blocks, kept, sizeof blocks);
    used = kept_used;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct snapshot snapshot;
    if (size == 0) return 0;
    require(arena = arena_map(CAP, BLOCK_CAP), "no memory");
    memset(blocks, 0, sizeof blocks);
    used = 0;
    size_t part = size / 3;
    run(data, part);
    memcpy(kept, blocks, sizeof kept);
    kept_used = used;
    require(arena_snapshot(arena, &snapshot), "no snapshot");
    for (int turn = 1; turn < 3; turn++) {
        run(data + turn * part, part);
        bring_back(&snapshot, data[0] & turn);
        run(data, 0);
    }
    snapshot_unmap(&snapshot);
    arena_unmap(arena);
    return 0;
}
