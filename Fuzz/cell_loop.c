// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include "cell.h"

#include <setjmp.h>
#include <sys/mman.h>

// The whole cell, its socket loop included: the input is what the host sends. Whatever that is, the cell answers with
// sound frames and then waits for more, or ends because the socket closed or the protocol was broken.

// Budgets are made small, so that an input that asks for an hour does not take one.
static enum outcome begin(struct sandbox *sandbox, struct fault *fault) {
    if (sandbox->budget.cpu_ns > 2000000) sandbox->budget.cpu_ns = 2000000;
    return sandbox_begin(sandbox, fault);
}
static bool parse(struct reader load, size_t *memory, uint32_t *states, uint64_t *cpu_ns) {
    if (!program_parse(load, memory, states, cpu_ns)) return false;
    if (*memory > 1 << 20) *memory = 1 << 20;
    if (*cpu_ns > 20000000) *cpu_ns = 20000000;
    return true;
}
static _Alignas(4096) uint8_t input_buffer[2 * LOAD_BYTES_MAX];
#define sandbox_begin begin
#define program_parse parse
#define mmap(...) ((void *)input_buffer)
#define madvise(...) 0
#include "../Sources/SandboxCell/cell.c"
#undef mmap
#undef madvise

static const char source[] = {
#embed "cell.lua"
};

static jmp_buf ended;
static int end_code;
static struct reader input;
static bool raw;

_Noreturn void fuzz_exit(int code) {
    end_code = code;
    longjmp(ended, 1);
}

// Raw: the input is the stream. Otherwise it is frames behind lengths of two bytes, which a mutation seldom breaks.
ssize_t fuzz_read(int fd, void *buffer, size_t room) {
    (void)fd;
    size_t left = (size_t)(input.end - input.at);
    uint8_t *to = buffer;
    if (raw || left < 2) {
        if (left > room) left = room;
        if (raw && left) memcpy(to, input.at, left);
        input.at += left;
        return raw ? (ssize_t)left : 0;
    }
    size_t length = (size_t)input.at[0] | (size_t)input.at[1] << 8;
    if (length > left - 2) length = left - 2;
    require(room >= length + 4, "no room for a frame of %zu bytes", length);
    memcpy(to, (uint8_t[]){(uint8_t)length, (uint8_t)(length >> 8), 0, 0}, 4);
    memcpy(to + 4, input.at + 2, length);
    input.at += length + 2;
    return (ssize_t)length + 4;
}

static void unload(void) {
    for (uint32_t i = 0; i < opened; i++) sandbox_close(&pool[i]);
    states = opened = 0;
    operations.count = 0;
    struct reader kept = program_frame();
    if (kept.at) munmap((void *)kept.at, (size_t)(kept.end - kept.at));
    program_keep((const uint8_t *)"", 1);
}

static void load(void) {
    static uint8_t bytes[sizeof source + 200];
    struct writer w = {bytes, 0, sizeof bytes};
    write_array(&w, 3), write_integer(&w, FRAME_LOAD), write_integer(&w, 0), write_map(&w, 4);
    write_string(&w, "files"), write_array(&w, 1), write_array(&w, 2), write_string(&w, "m"), write_text(&w, source, sizeof source);
    write_string(&w, "entry"), write_string(&w, "m"), write_string(&w, "memory"), write_integer(&w, 1 << 20);
    write_string(&w, "states"), write_integer(&w, 3);
    on_frame((struct reader){bytes, bytes + w.length});
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static bool prepared;
    uint32_t id;
    struct reader frame;
    if (size == 0) return 0;
    if (!prepared) {
        require(deadline_prepare() && frames_prepare() && queue_prepare() && queue_prepare(), "no timer or no memory");
        load();
        prepared = true;
    }
    bool fresh = (data[0] & 13) == 1;
    raw = (data[0] & 6) == 2;
    input = (struct reader){data + 1, data + size};
    if (fresh) unload();
    if (setjmp(ended) == 0) cell_main(0);
    require(end_code == EXIT_CLOSED || end_code == EXIT_PROTOCOL, "the cell ended with code %d", end_code);
    while (queue_first(&id, &frame)) queue_remove(id);
    if (fresh) {
        unload();
        load();
    }
    for (uint32_t i = 0; i < opened; i++) {
        if (pool[i].phase != PHASE_FREE) sandbox_restore(&pool[i]);
    }
    return 0;
}
