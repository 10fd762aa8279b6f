// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include "cell.h"

__attribute__((weak)) const bool fuzz_heap = false;

// What a target does not define itself: nothing ends the process, nothing arrives, what is written must be frames.

__attribute__((weak)) _Noreturn void fuzz_exit(int code) {
    fprintf(stderr, "the cell ended with code %d\n", code);
    abort();
}

__attribute__((weak)) ssize_t fuzz_read(int fd, void *buffer, size_t size) {
    (void)fd, (void)buffer, (void)size;
    return 0;
}

__attribute__((weak)) ssize_t fuzz_write(int fd, const void *bytes, size_t size) {
    require(fd == CELL_FD, "bytes for descriptor %d", fd);
    struct reader rest = {bytes, (const uint8_t *)bytes + size}, frame;
    while (fuzz_next_frame(&rest, &frame)) {}
    return (ssize_t)size;
}

__attribute__((weak)) void fuzz_host_reads(const void *bytes, size_t size) { (void)bytes, (void)size; }

bool fuzz_next_frame(struct reader *rest, struct reader *frame) {
    // Each of the 16 arguments that a host call may have is a value of its own.
    struct limits limits = {FRAME_BYTES_MAX, VALUE_DEPTH_MAX + 2, 17 * VALUE_NODES_MAX};
    size_t size = (size_t)(rest->end - rest->at);
    uint32_t length;
    if (size == 0) return false;
    require(size >= 4, "half a length");
    memcpy(&length, rest->at, sizeof length);
    require(length <= FRAME_BYTES_MAX && length <= size - 4, "a frame of %u bytes where %zu are left", length, size);
    struct reader whole = {rest->at + 4, rest->at + 4 + length};
    require(read_checked(&whole, limits, frame) && whole.at == whole.end, "a malformed frame");
    require(*frame->at >> 4 == 9, "a frame that is no array");
    rest->at = whole.end;
    return true;
}
