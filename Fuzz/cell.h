// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../Sources/SandboxCell/frames.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/// What must hold whatever the input is; the fuzzer keeps the input for which it does not.
#define require(good, ...)                                      \
    do {                                                        \
        if (!(good)) {                                          \
            fprintf(stderr, "%s:%d: ", __FILE__, __LINE__);     \
            fprintf(stderr, __VA_ARGS__);                       \
            fputc('\n', stderr);                                \
            abort();                                            \
        }                                                       \
    } while (0)

/// A state with the environment of a plugin whose memory comes from malloc, where the sanitizer watches it.
lua_State *fuzz_environment(void);

/// Whether the memory of a sandbox comes from malloc; see heap.c.
extern const bool fuzz_heap;

/// Takes the next frame off bytes that the cell wrote; false when there is none. They must be sound.
bool fuzz_next_frame(struct reader *rest, struct reader *frame);

/// What the host makes of the frames that the cell wrote; nothing but in the target `wire`.
void fuzz_host_reads(const void *bytes, size_t size);

// In the sources of the cell these stand for _exit, _Exit, read and write. A target may bring its own.
_Noreturn void fuzz_exit(int code);
ssize_t fuzz_read(int fd, void *buffer, size_t size);
ssize_t fuzz_write(int fd, const void *bytes, size_t size);
