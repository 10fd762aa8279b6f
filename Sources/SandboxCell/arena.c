// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include "arena.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

// Small blocks (up to 512 bytes) have no header: Lua tells their size when it frees them. They are carved from runs
// and go back to a list of their size. Larger blocks carry boundary tags and are merged with free neighbours.
enum {
    GRAIN = 16,
    SMALL_MAX = 512,
    SMALL_CLASSES = SMALL_MAX / GRAIN + 1,
    RUN = 4096 - 64,
    BINS = 64,
    PAGE = 4096,
    WARM = 64 * 1024,  // bytes beyond the snapshot that are wiped in place rather than returned to the kernel
};

struct free_small {
    struct free_small *next;
};

// `size` counts the tag itself; bit 0 says that the block is in use.
struct tag {
    size_t size;
    size_t previous;  // size of the block before this one, 0 for the first
};

struct free_large {
    struct tag tag;
    struct free_large *next, *back;
};

struct arena {
    size_t mapped, cap, block_cap;
    size_t used, peak;
    size_t top;      // offset of the first byte that belongs to no block
    size_t last;     // offset of the last tagged block, 0 when there is none
    size_t touched;  // highest `top` ever
    char *run, *run_end;
    uint64_t bin_map;
    struct free_small *small[SMALL_CLASSES];
    struct free_large *bin[BINS];
};

static size_t round_up(size_t n, size_t to) { return (n + to - 1) & ~(to - 1); }

static struct tag *tag_at(struct arena *a, size_t offset) { return (struct tag *)((char *)a + offset); }
static size_t offset_of(struct arena *a, const void *p) { return (size_t)((const char *)p - (char *)a); }
static size_t size_of(const struct tag *t) { return t->size & ~(size_t)1; }
static bool in_use(const struct tag *t) { return t->size & 1; }

// Two bins for each power of two.
static unsigned bin_of(size_t size) {
    unsigned log = 63u - (unsigned)__builtin_clzl(size);
    unsigned bin = log * 2 + ((size >> (log - 1)) & 1);
    return bin - 10 < BINS ? bin - 10 : BINS - 1;
}

enum { ARENA_PROTECTION = PROT_READ | PROT_WRITE, ARENA_FLAGS = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE };

// Where arenas have been unmapped, to be used again.
static struct {
    uintptr_t at[256];
    unsigned count;
} freed;

static void *map_at(uintptr_t at, size_t size) {
    return mmap((void *)at, size, ARENA_PROTECTION, ARENA_FLAGS | MAP_FIXED_NOREPLACE, -1, 0);
}

// One arena in each 4 GiB, at its start, downwards from where the system puts mappings.
static void *map_slot(size_t size) {
    static const uintptr_t slot = (uintptr_t)1 << 32;
    static uintptr_t next;
    while (freed.count > 0) {
        void *at = map_at(freed.at[--freed.count], size);
        if (at != MAP_FAILED) return at;
    }
    if (next == 0) {
        void *probe = mmap(NULL, PAGE, ARENA_PROTECTION, ARENA_FLAGS, -1, 0);
        if (probe == MAP_FAILED) return NULL;
        munmap(probe, PAGE);
        next = (uintptr_t)probe & ~(slot - 1);
    }
    // A sanitizer keeps 4 TiB, which is 1024 of them, for itself.
    for (int tries = 0; tries < 4096 && next > slot; tries++) {
        next -= slot;
        void *at = map_at(next, size);
        if (at != MAP_FAILED || errno != EEXIST) return at == MAP_FAILED ? NULL : at;
    }
    return NULL;
}

struct arena *arena_map(size_t cap, size_t block_cap) {
    // Room for what fragmentation costs, on top of what Lua may hold.
    size_t mapped = round_up(cap * 2 + (1u << 20), PAGE);
    struct arena *a = map_slot(mapped);
    if (!a) return NULL;
    a->mapped = mapped;
    a->cap = cap;
    a->block_cap = block_cap < cap ? block_cap : cap;
    a->top = a->touched = round_up(sizeof *a, GRAIN);
    return a;
}

void arena_unmap(struct arena *a) {
    if (freed.count < sizeof freed.at / sizeof *freed.at) freed.at[freed.count++] = (uintptr_t)a;
    munmap(a, a->mapped);
}

size_t arena_peak(const struct arena *a) { return a->peak; }
bool arena_has_room(const struct arena *a, size_t size) { return a->used + size <= a->cap; }

static void bin_insert(struct arena *a, struct free_large *f) {
    unsigned bin = bin_of(f->tag.size);
    f->next = a->bin[bin];
    f->back = NULL;
    if (f->next) f->next->back = f;
    a->bin[bin] = f;
    a->bin_map |= (uint64_t)1 << bin;
}

static void bin_remove(struct arena *a, struct free_large *f) {
    unsigned bin = bin_of(f->tag.size);
    if (f->next) f->next->back = f->back;
    if (f->back) f->back->next = f->next;
    else a->bin[bin] = f->next;
    if (a->bin[bin] == NULL) a->bin_map &= ~((uint64_t)1 << bin);
}

static void set_previous(struct arena *a, struct tag *t) {
    size_t next = offset_of(a, t) + size_of(t);
    if (next < a->top) tag_at(a, next)->previous = size_of(t);
    else a->last = offset_of(a, t);
}

// Cuts `t` down to `size` when the rest is worth a block of its own.
static void split(struct arena *a, struct tag *t, size_t size) {
    size_t rest = size_of(t) - size;
    if (rest < sizeof(struct free_large)) return;
    struct free_large *f = (struct free_large *)((char *)t + size);
    t->size = size | 1;
    f->tag.size = rest;
    f->tag.previous = size;
    set_previous(a, &f->tag);
    bin_insert(a, f);
}

static void *large_new(struct arena *a, size_t n) {
    size_t size = round_up(n, GRAIN) + sizeof(struct tag);
    unsigned bin = bin_of(size);
    struct free_large *found = NULL;
    int tries = 8;
    for (struct free_large *f = a->bin[bin]; f && tries--; f = f->next) {
        if (f->tag.size >= size) {
            found = f;
            break;
        }
    }
    if (!found) {
        uint64_t larger = bin + 1 < BINS ? a->bin_map & ~(((uint64_t)2 << bin) - 1) : 0;
        if (larger) found = a->bin[__builtin_ctzll(larger)];
    }
    if (found) {
        bin_remove(a, found);
        found->tag.size |= 1;
        split(a, &found->tag, size);
        return (char *)found + sizeof(struct tag);
    }
    if (a->mapped - a->top < size) return NULL;
    struct tag *t = tag_at(a, a->top);
    t->previous = a->last ? size_of(tag_at(a, a->last)) : 0;
    t->size = size | 1;
    a->last = a->top;
    a->top += size;
    if (a->top > a->touched) a->touched = a->top;
    return t + 1;
}

static void large_free(struct arena *a, void *block) {
    struct tag *t = (struct tag *)block - 1;
    t->size &= ~(size_t)1;
    size_t next = offset_of(a, t) + t->size;
    if (next < a->top && !in_use(tag_at(a, next))) {
        bin_remove(a, (struct free_large *)tag_at(a, next));
        t->size += tag_at(a, next)->size;
    }
    if (t->previous) {
        struct tag *before = (struct tag *)((char *)t - t->previous);
        if (!in_use(before)) {
            bin_remove(a, (struct free_large *)before);
            before->size += t->size;
            t = before;
        }
    }
    if (offset_of(a, t) + t->size == a->top) {
        a->top = offset_of(a, t);
        a->last = t->previous ? a->top - t->previous : 0;
        return;
    }
    set_previous(a, t);
    bin_insert(a, (struct free_large *)t);
}

// Grows a large block where it stands when its neighbour is free or it is the last.
static bool large_extend(struct arena *a, void *block, size_t n) {
    struct tag *t = (struct tag *)block - 1;
    size_t size = round_up(n, GRAIN) + sizeof(struct tag);
    if (size_of(t) >= size) return true;
    size_t next = offset_of(a, t) + size_of(t);
    if (next == a->top) {
        size_t more = size - size_of(t);
        if (a->mapped - a->top < more) return false;
        t->size += more;
        a->top += more;
        if (a->top > a->touched) a->touched = a->top;
        return true;
    }
    struct tag *neighbour = tag_at(a, next);
    if (in_use(neighbour) || size_of(t) + neighbour->size < size) return false;
    bin_remove(a, (struct free_large *)neighbour);
    t->size += neighbour->size;
    set_previous(a, t);
    split(a, t, size);
    return true;
}

static void small_free(struct arena *a, void *block, size_t n) {
    struct free_small *f = block;
    size_t class = (n + GRAIN - 1) / GRAIN;
    f->next = a->small[class];
    a->small[class] = f;
}

static void *small_new(struct arena *a, size_t n) {
    size_t class = (n + GRAIN - 1) / GRAIN, size = class * GRAIN;
    struct free_small *f = a->small[class];
    if (f) {
        a->small[class] = f->next;
        return f;
    }
    if ((size_t)(a->run_end - a->run) < size) {
        char *run = large_new(a, RUN);
        if (!run) return NULL;
        size_t rest = (size_t)(a->run_end - a->run);
        if (rest) small_free(a, a->run, rest);
        a->run = run;
        a->run_end = run + RUN / GRAIN * GRAIN;
    }
    void *block = a->run;
    a->run += size;
    return block;
}

static void *block_new(struct arena *a, size_t n) { return n <= SMALL_MAX ? small_new(a, n) : large_new(a, n); }

static void block_free(struct arena *a, void *block, size_t n) {
    if (n <= SMALL_MAX) small_free(a, block, n);
    else large_free(a, block);
}

void *arena_resize(struct arena *a, void *block, size_t old_size, size_t new_size, size_t headroom) {
    if (new_size == 0) {
        if (block && old_size) {
            block_free(a, block, old_size);
            a->used -= old_size;
        }
        return NULL;
    }
    if (new_size > old_size && (new_size > a->block_cap || a->used + (new_size - old_size) > a->cap + headroom)) return NULL;
    void *result = NULL;
    if (!block || old_size == 0) {
        result = block_new(a, new_size);
    } else if (new_size <= SMALL_MAX && old_size <= SMALL_MAX && (new_size + GRAIN - 1) / GRAIN == (old_size + GRAIN - 1) / GRAIN) {
        result = block;
    } else if (new_size > SMALL_MAX && old_size > SMALL_MAX && large_extend(a, block, new_size)) {
        if (new_size < old_size) split(a, (struct tag *)block - 1, round_up(new_size, GRAIN) + sizeof(struct tag));
        result = block;
    } else if ((result = block_new(a, new_size))) {
        memcpy(result, block, old_size < new_size ? old_size : new_size);
        block_free(a, block, old_size);
    }
    if (!result) return NULL;
    a->used += new_size - old_size;
    if (a->used > a->peak) a->peak = a->used;
    return result;
}

bool arena_snapshot(struct arena *a, struct snapshot *s) {
    a->touched = a->top;
    a->peak = a->used;
    s->size = a->top;
    s->arena_mapped = a->mapped;
    s->mapped = round_up(a->top, PAGE);
    s->bytes = mmap(NULL, s->mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (s->bytes == MAP_FAILED) {
        s->bytes = NULL;
        return false;
    }
    memcpy(s->bytes, a, s->size);
    return true;
}

void arena_restore(struct arena *a, const struct snapshot *s) {
    size_t touched = a->touched < s->arena_mapped ? a->touched : s->arena_mapped;
    if (touched > s->size) {
        size_t warm = round_up(s->size + WARM, PAGE);
        if (touched > warm) {
            madvise((char *)a + warm, s->arena_mapped - warm, MADV_DONTNEED);
            touched = warm;
        }
        memset((char *)a + s->size, 0, touched - s->size);
    }
    memcpy(a, s->bytes, s->size);
}

bool arena_renew(struct arena *a, const struct snapshot *s) {
    if (mmap(a, s->arena_mapped, ARENA_PROTECTION, ARENA_FLAGS | MAP_FIXED, -1, 0) == MAP_FAILED) return false;
    memcpy(a, s->bytes, s->size);
    return true;
}

void snapshot_unmap(struct snapshot *s) {
    munmap(s->bytes, s->mapped);
    s->bytes = NULL;
}
