// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include <string.h>
#include <sys/mman.h>

#include "frames.h"

// Calls that wait for a free state, one behind the other in memory of a fixed size. A call that is cancelled leaves a
// hole, which closes when the space is needed.

enum { CALLS_MAX = 1024, SPACE = 16 * 1024 * 1024, ALIGNMENT = 8 };

struct waiting {
    uint32_t id;
    bool cancelled;
    size_t length;
    uint8_t frame[];
};

static uint8_t *space;
static size_t head, tail;
static unsigned calls;

bool queue_prepare(void) {
    space = mmap(NULL, SPACE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return space != MAP_FAILED;
}

static struct waiting *at(size_t offset) { return (struct waiting *)(space + offset); }

static size_t size_of(size_t length) { return (sizeof(struct waiting) + length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT; }

static void close_holes(void) {
    size_t end = 0;
    for (size_t offset = head, size; offset < tail; offset += size) {
        size = size_of(at(offset)->length);
        if (at(offset)->cancelled) continue;
        memmove(space + end, space + offset, size);
        end += size;
    }
    head = 0;
    tail = end;
}

static void drop_ended(void) {
    while (head < tail && at(head)->cancelled) head += size_of(at(head)->length);
    if (head < tail || tail == 0) return;
    // Nothing of a call outlives it.
    madvise(space, SPACE, MADV_DONTNEED);
    head = tail = 0;
}

bool queue_add(uint32_t id, struct reader frame) {
    size_t length = (size_t)(frame.end - frame.at), size = size_of(length);
    if (calls == CALLS_MAX) return false;
    if (SPACE - tail < size) close_holes();
    if (SPACE - tail < size) return false;
    *at(tail) = (struct waiting){.id = id, .length = length};
    memcpy(at(tail)->frame, frame.at, length);
    tail += size;
    calls++;
    return true;
}

bool queue_first(uint32_t *id, struct reader *frame) {
    if (calls == 0) return false;
    *id = at(head)->id;
    *frame = (struct reader){at(head)->frame, at(head)->frame + at(head)->length};
    return true;
}

static struct waiting *find(uint32_t id) {
    for (size_t offset = head; offset < tail; offset += size_of(at(offset)->length)) {
        if (at(offset)->id == id && !at(offset)->cancelled) return at(offset);
    }
    return NULL;
}

bool queue_has(uint32_t id) { return calls > 0 && find(id); }

bool queue_remove(uint32_t id) {
    struct waiting *call = find(id);
    if (!call) return false;
    call->cancelled = true;
    calls--;
    drop_ended();
    return true;
}
