// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#pragma once
#include "sandbox.h"

// Frame types, see docs/frames.md.
enum { FRAME_LOAD = 1, FRAME_CALL = 2, FRAME_REPLY = 3, FRAME_CANCEL = 4 };
enum {
    FRAME_READY = 16, FRAME_LOADED = 17, FRAME_LOAD_FAILED = 18, FRAME_HOSTCALL = 19,
    FRAME_RESULT = 20, FRAME_FAULT = 21, FRAME_LOG = 22,
};
enum {
    FRAME_BYTES_MAX = 512 * 1024,
    LOAD_BYTES_MAX = 1024 * 1024,
};
// Exit codes of a cell.
enum { EXIT_CLOSED = 0, EXIT_PROTOCOL = 65, EXIT_STATE_LOST = 70, EXIT_SYSTEM = 71, EXIT_LOCKDOWN = 77 };

enum { CELL_FD = 3 };

// What a lock-down layer is called in READY and HELLO.
enum {
    LAYER_SECCOMP = 1, LAYER_NO_NEW_PRIVS = 2, LAYER_RLIMITS = 4, LAYER_FDS = 8, LAYER_USER_NS = 16,
    LAYER_NET_NS = 32, LAYER_MOUNT_NS = 64, LAYER_LANDLOCK = 128, LAYER_NOT_DUMPABLE = 256,
};

// The sanitizers need what the lock-down takes away. Never set in a package build.
#ifdef CELL_SANITIZE
enum { SANITIZED = true };
#else
enum { SANITIZED = false };
#endif

bool frames_prepare(void);
/// Starts a frame; one that was begun before and not ended is dropped.
struct writer *frame_begin(unsigned type, uint32_t id, unsigned elements);
/// Marks the frame as whole. It leaves with the next flush.
void frame_end(void);
void frames_flush(void);
/// Whether there are whole frames that were not sent yet.
bool frames_waiting(void);
/// Sends the whole frames from a signal's handler, in the middle of whatever runs.
void frames_push(void);

/// The writer of the frame that was begun last.
struct writer *frame_open(void);
/// Writes a text for people; what is not UTF-8 in it becomes '?'.
void write_clean(struct writer *, const char *, size_t);
void frame_usage(struct writer *, struct sandbox *);
void frame_fault(struct sandbox *, const struct fault *);

// queue.c
bool queue_prepare(void);
/// False when there is no room: the host sends no more than it may.
bool queue_add(uint32_t id, struct reader frame);
/// The call that waits longest. It stays, and so does its frame, until it is removed.
bool queue_first(uint32_t *id, struct reader *frame);
bool queue_has(uint32_t id);
bool queue_remove(uint32_t id);

// lockdown.c
struct cell_limits {
    uint64_t address_space;
    uint32_t cpu_seconds;
};
uint32_t lock_down_zygote(void);
uint32_t lock_down_cell(uint32_t inherited, int fd, const struct cell_limits *);
bool seccomp_on(void);

void zygote_main(int control) __attribute__((noreturn));
void cell_main(uint32_t layers) __attribute__((noreturn));
/// Prints every name that a plugin can reach, one a line.
int print_globals(void);
