// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#pragma once
#include <stdbool.h>
#include <stddef.h>

// The memory of one Lua state. All of the allocator's own bookkeeping lives inside the mapping, so that copying the
// used bytes back to the same address restores the allocator together with everything that was allocated.
struct arena;

/// Maps an arena whose allocations may add up to `cap` bytes, or NULL. The low halves of addresses are the same in every
/// arena and in every process: by them Lua orders tables and functions that are keys.
struct arena *arena_map(size_t cap, size_t block_cap);
void arena_unmap(struct arena *);

/// Grows, shrinks or frees as Lua expects. `headroom` is added to the cap; the error path uses it. NULL: refused.
void *arena_resize(struct arena *, void *block, size_t old_size, size_t new_size, size_t headroom);

size_t arena_peak(const struct arena *);
/// Whether `size` more bytes stay below the cap.
bool arena_has_room(const struct arena *, size_t size);

/// A copy of the arena as it is now. Taken once, after loading.
struct snapshot {
    void *bytes;
    size_t size;
    size_t mapped;
    size_t arena_mapped;
};
bool arena_snapshot(struct arena *, struct snapshot *);
/// Brings the arena back to the snapshot and wipes what was touched beyond it.
void arena_restore(struct arena *, const struct snapshot *);
/// The same for an arena that was left in the middle of anything: nothing in it is trusted or kept.
bool arena_renew(struct arena *, const struct snapshot *);
void snapshot_unmap(struct snapshot *);
