// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "frames.h"

// The socket loop: read everything there is, run it, write everything there is to say. Frames come from the host, which
// is trusted; a malformed one still ends the cell rather than being guessed at.

enum {
    IN_BYTES = 2 * LOAD_BYTES_MAX,
    STATES_MAX = 256,
    LONG_SLICE_NS = 1000 * 1000,
};

static struct sandbox pool[STATES_MAX];
static uint32_t states, opened;
static size_t state_memory;
static uint64_t load_cpu_ns;
static uint32_t busy_ids[STATES_MAX];  // beside the pool: looked through for every reply

static _Noreturn void violation(void) {
    frames_flush();
    _exit(EXIT_PROTOCOL);
}

static void check(bool good) {
    if (!good) violation();
}

static uint32_t read_id(struct reader *r) {
    int64_t v = 0;
    check(read_integer(r, &v) && v >= 0 && v <= UINT32_MAX);
    return (uint32_t)v;
}

static uint64_t budget_number(struct reader map, const char *name, uint64_t most) {
    struct reader r;
    int64_t v = 0;
    check(find_member(map, name, strlen(name), &r) && read_integer(&r, &v) && v >= 0);
    return (uint64_t)v < most ? (uint64_t)v : most;
}

static struct sandbox *find_busy(uint32_t id) {
    for (uint32_t i = 0; i < opened; i++) {
        if (busy_ids[i] == id && pool[i].phase == PHASE_WAITING) return &pool[i];
    }
    return NULL;
}

// A state for one more invocation, or NULL when all are taken.
static struct sandbox *take_state(void) {
    struct load_error error;
    for (uint32_t i = 0; i < opened; i++) {
        if (pool[i].phase == PHASE_FREE) return &pool[i];
    }
    for (uint32_t i = 0; i < opened; i++) {
        if (pool[i].phase != PHASE_DIRTY) continue;
        sandbox_restore(&pool[i]);
        return &pool[i];
    }
    if (opened < states) {
        if (sandbox_open(&pool[opened], state_memory, load_cpu_ns, &error)) return &pool[opened++];
        // No more address space: make do with those that there are.
        states = opened;
    }
    return NULL;
}

static void report(struct sandbox *sandbox, enum outcome outcome, const struct fault *fault) {
    if (outcome == OUTCOME_DONE) {
        frame_usage(frame_open(), sandbox);
        frame_end();
    } else if (outcome == OUTCOME_FAULT) {
        frame_fault(sandbox, fault);
    }
    // The host need not wait for the rest of the batch.
    if (sandbox->slice_ns > LONG_SLICE_NS) frames_flush();
}

// `r` stands behind the id of a CALL.
static void run_call(struct sandbox *sandbox, uint32_t id, struct reader r) {
    struct fault fault;
    struct reader budget;
    check(read_text(&r, &sandbox->operation) && sandbox->operation.length <= 1024);
    check(read_checked(&r, value_limits, &sandbox->context));
    check(read_checked(&r, value_limits, &sandbox->request));
    check(read_checked(&r, (struct limits){1024, 1, 16}, &budget) && r.at == r.end);
    sandbox->budget.cpu_ns = budget_number(budget, "cpu_us", 3600u * 1000000u) * 1000;
    struct reader limit;
    bool counted = find_member(budget, "instructions", 12, &limit);
    sandbox->budget.instructions = counted ? budget_number(budget, "instructions", INT64_MAX) : 0;
    check(!counted || sandbox->budget.instructions > 0);
    sandbox->budget.host_calls = (uint32_t)budget_number(budget, "host_calls", UINT32_MAX);
    sandbox->budget.log_bytes = (uint32_t)budget_number(budget, "log_bytes", UINT32_MAX);
    sandbox->id = id;
    busy_ids[sandbox - pool] = id;
    report(sandbox, sandbox_begin(sandbox, &fault), &fault);
}

static void run_queue(void) {
    struct reader frame;
    struct sandbox *sandbox;
    uint32_t id;
    while (queue_first(&id, &frame) && (sandbox = take_state())) {
        run_call(sandbox, id, frame);
        queue_remove(id);
    }
}

static void on_call(struct reader r) {
    uint32_t first, id = read_id(&r);
    struct reader frame;
    check(opened && !find_busy(id) && !queue_has(id));
    struct sandbox *sandbox = queue_first(&first, &frame) ? NULL : take_state();
    if (sandbox) run_call(sandbox, id, r);
    else check(queue_add(id, r));
}

static void on_reply(struct reader r) {
    struct fault fault;
    struct item good;
    uint32_t id = read_id(&r);
    struct reader value;
    check(read_item(&r, &good) && good.type == ITEM_BOOL && read_checked(&r, value_limits, &value) && r.at == r.end);
    struct sandbox *sandbox = find_busy(id);
    // The invocation may have ended by a cancel that crossed the reply.
    if (!sandbox) return;
    sandbox->reply = value;
    sandbox->reply_failed = !good.boolean;
    report(sandbox, sandbox_resume(sandbox, &fault), &fault);
    run_queue();
}

static void on_cancel(struct reader r) {
    static struct sandbox waiting;
    struct fault fault = {.kind = "cancelled", .message = "the call was cancelled"};
    uint32_t id = read_id(&r);
    check(r.at == r.end);
    struct sandbox *sandbox = find_busy(id);
    if (sandbox) {
        sandbox->phase = PHASE_DIRTY;
        frame_fault(sandbox, &fault);
        run_queue();
        return;
    }
    if (!queue_remove(id)) return;
    waiting.id = id;
    frame_fault(&waiting, &fault);
}

static void load_failed(const struct load_error *error) {
    struct writer *w = frame_begin(FRAME_LOAD_FAILED, 0, 6);
    write_string(w, error->kind);
    write_clean(w, error->file, strlen(error->file));
    write_integer(w, error->line);
    write_clean(w, error->message, strlen(error->message));
    frame_end();
}

static void on_load(struct reader r) {
    struct load_error error;
    struct reader program;
    uint32_t count;
    int64_t ignored;
    size_t length = (size_t)(r.end - r.at);
    check(!opened && program_keep(r.at, length));
    r = program_frame();
    check(read_integer(&r, &ignored));
    check(read_checked(&r, (struct limits){LOAD_BYTES_MAX, 4, VALUE_NODES_MAX}, &program) && r.at == r.end);
    check(program_parse(program, &state_memory, &states, &load_cpu_ns) && states <= STATES_MAX);
    if (!sandbox_open(&pool[0], state_memory, load_cpu_ns, &error)) {
        load_failed(&error);
        frames_flush();
        _exit(EXIT_CLOSED);
    }
    opened = 1;
    count = operations.count;
    struct writer *w = frame_begin(FRAME_LOADED, 0, 3);
    write_array(w, count);
    for (uint32_t i = 0; i < count; i++) write_string(w, operations.names[i]);
    frame_end();
}

static void on_frame(struct reader r) {
    uint32_t elements = 0;
    int64_t type = 0;
    check(read_count(&r, ITEM_ARRAY, &elements) && read_integer(&r, &type));
    check(type == FRAME_LOAD || r.end - r.at <= FRAME_BYTES_MAX);
    switch (type) {
    case FRAME_LOAD: check(elements == 3); on_load(r); return;
    case FRAME_CALL: check(elements == 6); on_call(r); return;
    case FRAME_REPLY: check(elements == 4); on_reply(r); return;
    case FRAME_CANCEL: check(elements == 2); on_cancel(r); return;
    default: violation();
    }
}

static void restore_ended(void) {
    scratch_clear();
    for (uint32_t i = 0; i < opened; i++) {
        if (pool[i].phase == PHASE_DIRTY) sandbox_restore(&pool[i]);
    }
}

void cell_main(uint32_t layers) {
    struct writer *w = frame_begin(FRAME_READY, 0, 4);
    write_integer(w, layers);
    write_string(w, LUA_RELEASE);
    frame_end();
    frames_flush();
    uint8_t *in = mmap(NULL, IN_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (in == MAP_FAILED) _exit(EXIT_SYSTEM);
    size_t have = 0;
    for (;;) {
        ssize_t n = read(CELL_FD, in + have, IN_BYTES - have);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) _exit(EXIT_CLOSED);
        have += (size_t)n;
        deadline_idle();
        size_t done = 0;
        while (have - done >= 4) {
            const uint8_t *at = in + done;
            size_t length = (size_t)at[0] | (size_t)at[1] << 8 | (size_t)at[2] << 16 | (size_t)at[3] << 24;
            check(length > 0 && length <= LOAD_BYTES_MAX);
            if (have - done - 4 < length) break;
            on_frame((struct reader){at + 4, at + 4 + length});
            done += 4 + length;
        }
        frames_flush();
        // After the answer is on its way: nothing of an invocation outlives it, here as in the arenas.
        restore_ended();
        memmove(in, in + done, have - done);
        have -= done;
        size_t page = (have + 4095) / 4096 * 4096;
        memset(in + have, 0, done < page - have ? done : page - have);
        if (done > 64 * 1024) madvise(in + page, IN_BYTES - page, MADV_DONTNEED);
        else memset(in + have, 0, done);
    }
}
