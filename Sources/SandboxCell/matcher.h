// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#pragma once
#include <stdbool.h>
#include <stddef.h>

// Lua 5.4's patterns without Lua: matcher.c needs this header and the C library only, so that it can be compiled into a
// fuzzer by itself (`cc -c matcher.c`). It calls nothing back but `spend`, holds nothing that must be freed, and keeps
// no state outside of `struct matcher`: `spend` may leave by longjmp.
//
//     struct matcher m = {.subject = s, .subject_end = s + n, .pattern_end = p + k};
//     matcher_prepare(&m);
//     const char *end = match_at(&m, s + i, p);   // p behind the anchor
//
// NULL with `error` set is an error that stock Lua raises too, in the same words.

enum {
    MATCH_CAPTURES_MAX = 32,
    MATCH_CHOICES_MAX = 199,  // as many as stock Lua has levels for, "pattern too complex" beyond
    MATCH_STEPS = 4096,       // between two calls of `spend`
    CAPTURE_OPEN = -1,
    CAPTURE_POSITION = -2,
};

struct capture {
    const char *start;
    ptrdiff_t length;  // or one of the above
};

struct matcher {
    const char *subject, *subject_end, *pattern_end;
    void (*spend)(struct matcher *, unsigned steps);  // told how much work was done; may be NULL
    void *owner;                                      // for `spend`
    int steps;                                        // left before `spend` is called
    int captures;
    const char *error;  // a format that may want `error_index`
    int error_index;
    struct capture capture[MATCH_CAPTURES_MAX];
};

void matcher_prepare(struct matcher *);
/// Tells `spend` what has not been told yet.
void matcher_settle(struct matcher *);
/// Matches the pattern from `p` on at `s`: the end of the match, or NULL.
const char *match_at(struct matcher *, const char *s, const char *p);
/// Looks from `s` on, moving forward unless `anchored`: the start of the first match, or NULL.
const char *match_from(struct matcher *, const char *s, const char *p, bool anchored, const char **end);
/// The pattern means itself: no character in it is special.
bool pattern_is_plain(const char *p, size_t length);
/// Sets `error` when the capture cannot be used; capture 0 without any captures is the whole match, left to the caller.
bool capture_is_usable(struct matcher *, int index);
