// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include "cell.h"

// An arena whose blocks come from malloc, each with the sanitizer's guards around it. It knows no way back to the
// snapshot, so the target makes a new state for each input, and counts steps: nothing may leave malloc by force.

const bool fuzz_heap = true;

struct block {
    struct block *next, **place;
    _Alignas(16) char bytes[];
};

struct arena {
    size_t cap, block_cap, used, peak;
    struct block *blocks;
};

struct arena *arena_map(size_t cap, size_t block_cap) {
    struct arena *a = calloc(1, sizeof *a);
    require(a, "no memory");
    *a = (struct arena){.cap = cap, .block_cap = block_cap};
    return a;
}

static struct block *block_of(void *bytes) { return (struct block *)((char *)bytes - sizeof(struct block)); }

static void release(struct block *b) {
    *b->place = b->next;
    if (b->next) b->next->place = b->place;
    free(b);
}

void arena_unmap(struct arena *a) {
    while (a->blocks) release(a->blocks);
    free(a);
}

void *arena_resize(struct arena *a, void *bytes, size_t old_size, size_t new_size, size_t headroom) {
    if (!bytes) old_size = 0;
    if (new_size > old_size && (new_size > a->block_cap || a->used + new_size - old_size > a->cap + headroom)) return NULL;
    struct block *b = NULL;
    if (new_size) {
        // Always a new place: whoever kept a pointer is caught.
        require(b = malloc(sizeof *b + new_size), "no memory");
        b->next = a->blocks;
        b->place = &a->blocks;
        if (b->next) b->next->place = &b->next;
        a->blocks = b;
        if (bytes) memcpy(b->bytes, bytes, old_size < new_size ? old_size : new_size);
    }
    if (bytes) release(block_of(bytes));
    a->used += new_size - old_size;
    if (a->used > a->peak) a->peak = a->used;
    return b ? b->bytes : NULL;
}

size_t arena_peak(const struct arena *a) { return a->peak; }

bool arena_has_room(const struct arena *a, size_t size) { return a->used + size <= a->cap; }

bool arena_snapshot(struct arena *a, struct snapshot *s) {
    a->peak = a->used;
    s->bytes = NULL;
    return true;
}

void arena_restore(struct arena *a, const struct snapshot *s) {
    (void)a, (void)s;
    require(false, "there is no way back");
}

bool arena_renew(struct arena *a, const struct snapshot *s) {
    arena_restore(a, s);
    return false;
}

void snapshot_unmap(struct snapshot *s) { (void)s; }
