// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include "cell.h"

// Every function of the environment with values of every type, in a real sandbox: arena, limits, deadline, host calls.
// The input says what the plugin does, and its end how the host answers; see host_functions.lua. The target
// `heap_functions` is the same with memory that the sanitizer watches.

enum { MEMORY = 1 << 20, CPU_NS = 5 * 1000 * 1000, INSTRUCTIONS = 20000, CPU_NS_MOST = 500 * 1000 * 1000, PROBE_EVERY = 16 };

static const char source[] = {
#embed "host_functions.lua"
};

static const uint64_t CPU_NS_FOREVER = 60ull * 1000 * 1000 * 1000;

static struct sandbox sandbox;
static struct reader context;
static uint8_t answer[64 * 1024];
static struct text probed;

static const char *const granted[] = {
    "http.request", "storage.get", "storage.set", "storage.delete", "storage.list", "crypto.hmac", "crypto.sha256", "random.bytes",
    "events.emit",
};

static void write_names(struct writer *w, const char *const *names, uint32_t count) {
    write_array(w, count);
    for (uint32_t i = 0; i < count; i++) write_string(w, names[i]);
}

static struct reader make_context(void) {
    static uint8_t bytes[2048];
    struct writer w = {bytes, 0, sizeof bytes};
    write_map(&w, 4);
    write_string(&w, "ctx"), write_map(&w, 3), write_string(&w, "call_id"), write_string(&w, "c"), write_string(&w, "now_ms");
    write_integer(&w, 1700000000000), write_string(&w, "config"), write_map(&w, 2), write_string(&w, "a"), write_integer(&w, 1);
    write_string(&w, "l"), write_array(&w, 2), write_integer(&w, 1), write_map(&w, 0);
    write_string(&w, "secrets"), write_map(&w, 2), write_string(&w, "declared"), write_names(&w, (const char *[]){"api_key", "other"}, 2);
    write_string(&w, "set"), write_names(&w, (const char *[]){"api_key"}, 1);
    write_string(&w, "functions"), write_names(&w, granted, sizeof granted / sizeof *granted);
    write_string(&w, "denied"), write_map(&w, 1), write_string(&w, "consent"), write_string(&w, "ask for it");
    return (struct reader){bytes, bytes + w.length};
}

static void keep_program(size_t *memory, uint64_t *cpu_ns) {
    static uint8_t bytes[sizeof source + 200];
    struct writer w = {bytes, 0, sizeof bytes};
    uint32_t states;
    write_map(&w, 4);
    write_string(&w, "files"), write_array(&w, 1), write_array(&w, 2), write_string(&w, "m"), write_text(&w, source, sizeof source);
    write_string(&w, "entry"), write_string(&w, "m"), write_string(&w, "memory"), write_integer(&w, MEMORY);
    write_string(&w, "states"), write_integer(&w, 1);
    require(program_keep(bytes, w.length) && program_parse(program_frame(), memory, &states, cpu_ns), "the program");
}

// A state as it is before an invocation.
static void begin_clean(void) {
    static size_t memory;
    static uint64_t cpu_ns;
    struct load_error error;
    if (!memory) {
        require(deadline_prepare() && frames_prepare(), "no timer or no memory");
        keep_program(&memory, &cpu_ns);
        context = make_context();
    }
    if (sandbox.arena && !fuzz_heap) {
        sandbox_restore(&sandbox);
        return;
    }
    if (sandbox.arena) sandbox_close(&sandbox);
    require(sandbox_open(&sandbox, memory, fuzz_heap ? CPU_NS_FOREVER : cpu_ns, &error), "line %d: %s", error.line, error.message);
}

// The host's answer to a call, one of each shape.
static void make_reply(uint8_t kind, const uint8_t *data, size_t size) {
    struct writer w = {answer, 0, sizeof answer};
    const char *text = (const char *)data;
    if (size > 32) size = 32;
    sandbox.reply_failed = kind % 8 == 0;
    switch (kind % 8) {
    case 0: write_map(&w, 1), write_string(&w, "message"), write_text(&w, text, size); break;
    case 1: write_nil(&w); break;
    case 2: write_text(&w, text, size); break;
    case 3:
        write_array(&w, 2), write_map(&w, 2), write_string(&w, "status"), write_integer(&w, 200), write_string(&w, "body");
        write_text(&w, text, size), write_nil(&w);
        break;
    case 4: write_array(&w, 2), write_nil(&w), write_map(&w, 1), write_string(&w, "code"), write_text(&w, text, size); break;
    case 5: write_array(&w, 0); break;
    case 6: write_array(&w, 1), write_secret_head(&w, 6), write_raw(&w, "\x92\xa1k\xa3raw", 7), w.base[2] = 7; break;
    case 7: write_map(&w, 1), write_text(&w, text, size), write_double(&w, 0.5); break;
    }
    sandbox.reply = (struct reader){answer, answer + w.length};
}

static void run(uint32_t id, const char *operation, uint64_t cpu_ns, const uint8_t *data, size_t size) {
    static uint8_t request[8192];
    struct writer r = {request, 0, sizeof request};
    struct fault fault = {.kind = "none"};
    begin_clean();
    sandbox.id = id;
    write_text(&r, (const char *)data, size);
    sandbox.operation = (struct text){operation, strlen(operation)};
    sandbox.request = (struct reader){request, request + r.length};
    sandbox.context = context;
    // Every second input is counted, the others are timed.
    bool counted = fuzz_heap || (size && data[0] & 1);
    uint64_t instructions = counted ? INSTRUCTIONS : 0;
    if (fuzz_heap) cpu_ns = CPU_NS_FOREVER;
    sandbox.budget = (struct budget){.cpu_ns = cpu_ns, .instructions = instructions, .host_calls = 12, .log_bytes = 4096};
    enum outcome outcome = sandbox_begin(&sandbox, &fault);
    for (size_t i = 0; outcome == OUTCOME_WAITING; i++) {
        make_reply(i < size ? data[size - 1 - i] : 0, data, size);
        outcome = sandbox_resume(&sandbox, &fault);
    }
    if (outcome == OUTCOME_FAULT) {
        frame_fault(&sandbox, &fault);
    } else {
        frame_usage(frame_open(), &sandbox);
        frame_end();
    }
    require(strcmp(fault.kind, "state_lost") != 0, "the state was lost");
    require(sandbox.usage.cpu_ns <= cpu_ns + CPU_NS_MOST, "%lu ms of CPU time", (unsigned long)(sandbox.usage.cpu_ns / 1000000));
    require(arena_peak(sandbox.arena) <= MEMORY + RESERVE_BYTES, "%zu bytes of memory", arena_peak(sandbox.arena));
    require(sandbox.usage.host_calls <= sandbox.budget.host_calls, "%u host calls", sandbox.usage.host_calls);
    frames_flush();
}

// The probe's result must be what it was at first, whatever ran in between.
ssize_t fuzz_write(int fd, const void *bytes, size_t size) {
    struct reader rest = {bytes, (const uint8_t *)bytes + size}, frame;
    require(fd == CELL_FD, "bytes for descriptor %d", fd);
    fuzz_host_reads(bytes, size);
    while (fuzz_next_frame(&rest, &frame)) {
        uint32_t count;
        int64_t type, id;
        struct text text;
        read_count(&frame, ITEM_ARRAY, &count);
        if (!read_integer(&frame, &type) || !read_integer(&frame, &id) || id != 1) continue;
        require(type == FRAME_RESULT && read_text(&frame, &text), "the probe failed");
        if (!probed.at) probed = (struct text){memcpy(malloc(text.length), text.at, text.length), text.length};
        require(text.length == probed.length && memcmp(text.at, probed.at, text.length) == 0, "an invocation left something behind:\n%.*s",
                (int)text.length, text.at);
    }
    return (ssize_t)size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static unsigned inputs;
    if (size > 4096) return 0;
    run(0, "run", CPU_NS, data, size);
    if (!fuzz_heap && inputs++ % PROBE_EVERY == 0) run(1, "probe", CPU_NS_MOST, data, 0);
    return 0;
}
