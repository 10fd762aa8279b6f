// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include "frames.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// What the cell says to the host. Frames gather here and leave in one write; a frame that an error interrupts is
// dropped when the next one begins.

enum { OUT_BYTES = 4 * FRAME_BYTES_MAX };

static struct writer out;
static volatile size_t committed;  // up to here frames are whole
static size_t sent;

bool frames_prepare(void) {
    out.base = mmap(NULL, OUT_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return out.base != MAP_FAILED && scratch_prepare();
}

static void send_whole(void) {
    // A frame that was torn in the middle would desert the whole cell.
    deadline_hold();
    while (sent < committed) {
        ssize_t n = write(CELL_FD, out.base + sent, committed - sent);
        if (n > 0) sent += (size_t)n;
        else if (errno != EINTR) _exit(EXIT_CLOSED);
    }
}

void frames_flush(void) {
    send_whole();
    memset(out.base, 0, out.length > committed ? out.length : committed);
    out.length = committed = sent = 0;
    deadline_release();
    deadline_idle();
}

bool frames_waiting(void) { return sent < committed; }

// What is being written behind the whole frames stays where it is.
void frames_push(void) {
    send_whole();
    deadline_release();
}

struct writer *frame_begin(unsigned type, uint32_t id, unsigned elements) {
    if (OUT_BYTES - committed < FRAME_BYTES_MAX + 4) frames_flush();
    out.length = committed + 4;
    out.limit = committed + 4 + FRAME_BYTES_MAX;
    write_array(&out, elements);
    write_integer(&out, type);
    write_integer(&out, id);
    return &out;
}

struct writer *frame_open(void) { return &out; }

void frame_end(void) {
    size_t size = out.length - committed - 4;
    for (unsigned i = 0; i < 4; i++) out.base[committed + i] = (uint8_t)(size >> (8 * i));
    // The timer's handler may send it from here on.
    atomic_signal_fence(memory_order_seq_cst);
    committed = out.length;
}

void write_clean(struct writer *w, const char *text, size_t length) {
    const unsigned char *at = (const unsigned char *)text, *end = at + length;
    while (at < end) {
        size_t n = utf8_length(at, end);
        if (n == 0) break;
        at += n;
    }
    if (at == end) {
        write_text(w, text, length);
        return;
    }
    if (!write_text(w, text, length)) return;
    for (unsigned char *c = w->base + w->length - length; c < w->base + w->length;) {
        size_t n = utf8_length(c, w->base + w->length);
        if (n == 0) *c++ = '?';
        c += n;
    }
}

void frame_usage(struct writer *w, struct sandbox *sandbox) {
    write_map(w, 6);
    write_string(w, "cpu_us");
    write_integer(w, (int64_t)(sandbox->usage.cpu_ns / 1000));
    write_string(w, "memory_peak");
    write_integer(w, sandbox->arena ? (int64_t)arena_peak(sandbox->arena) : 0);
    write_string(w, "host_calls");
    write_integer(w, sandbox->usage.host_calls);
    write_string(w, "bytes_in");
    write_integer(w, (int64_t)sandbox->usage.bytes_in);
    write_string(w, "bytes_out");
    write_integer(w, (int64_t)sandbox->usage.bytes_out);
    write_string(w, "instructions");
    write_integer(w, sandbox->budget.instructions ? (int64_t)sandbox->steps : 0);
}

void frame_fault(struct sandbox *sandbox, const struct fault *fault) {
    struct writer *w = frame_begin(FRAME_FAULT, sandbox->id, 6);
    write_string(w, fault->kind);
    write_clean(w, fault->message, strlen(fault->message));
    write_clean(w, fault->traceback, strlen(fault->traceback));
    frame_usage(w, sandbox);
    frame_end();
}
