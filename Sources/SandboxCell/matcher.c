// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include "matcher.h"

#include <ctype.h>
#include <string.h>

// A pattern is read from left to right. Where it may go on in more than one way a choice is kept; when it cannot go
// on, the last choice is taken back. A pattern cannot repeat a group, so each of its characters adds one choice at
// most: an array is enough, and hostile input finds no recursion. Errors are found when matching reaches them, as
// in stock Lua.

static const char escape = '%';

enum kind {
    OPENED,    // a capture, to be forgotten
    CLOSED,    // a capture, to be opened again
    OPTIONAL,  // taken; may be left out
    GREEDY,    // taken `count` times from `s` on; may be one less
    LAZY,      // taken until `s`; may be one more
};

struct choice {
    enum kind kind;
    int capture;
    const char *s, *item, *rest;  // `rest`: the pattern behind the item
    size_t count;
};

struct walk {
    struct matcher *m;
    const char *s, *p;
    int depth;
    struct choice choices[MATCH_CHOICES_MAX];
};

static void told(struct matcher *m) {
    unsigned done = (unsigned)(MATCH_STEPS - m->steps);
    m->steps = MATCH_STEPS;
    if (m->spend) m->spend(m, done);
}

static inline void step(struct matcher *m, size_t steps) {
    m->steps -= (int)steps;
    if (m->steps <= 0) told(m);
}

void matcher_prepare(struct matcher *m) {
    m->steps = MATCH_STEPS;
    m->captures = 0;
    m->error = NULL;
    m->error_index = 0;
}

void matcher_settle(struct matcher *m) {
    if (m->steps < MATCH_STEPS) told(m);
}

static bool fail(struct matcher *m, const char *error) {
    m->error = error;
    return false;
}

static bool fail_at(struct matcher *m, int index) {
    m->error_index = index;
    return fail(m, "invalid capture index %%%d");
}

static inline unsigned char byte_at(const char *p) { return (unsigned char)*p; }

// The pattern's next byte, 0 behind its end.
static inline char peek(const struct matcher *m, const char *p) { return p < m->pattern_end ? *p : 0; }

// The end of the item at `p`: a character, an escape or a set. NULL: malformed.
static const char *item_end(struct matcher *m, const char *p) {
    const char *start = p, *end = m->pattern_end;
    char first = *p++;
    if (first == escape) {
        if (p == end) return fail(m, "malformed pattern (ends with '%%')"), NULL;
        return p + 1;
    }
    if (first != '[') return p;
    if (peek(m, p) == '^') p++;
    // The first character of a set is never its end.
    do {
        if (p == end) return fail(m, "malformed pattern (missing ']')"), NULL;
        if (*p++ == escape && p < end) p++;
    } while (peek(m, p) != ']');
    step(m, (size_t)(p - start));
    return p + 1;
}

static bool in_class(unsigned char c, unsigned char name) {
    bool found;
    switch (tolower(name)) {
    case 'a': found = isalpha(c); break;
    case 'c': found = iscntrl(c); break;
    case 'd': found = isdigit(c); break;
    case 'g': found = isgraph(c); break;
    case 'l': found = islower(c); break;
    case 'p': found = ispunct(c); break;
    case 's': found = isspace(c); break;
    case 'u': found = isupper(c); break;
    case 'w': found = isalnum(c); break;
    case 'x': found = isxdigit(c); break;
    case 'z': found = c == 0; break;
    default: return c == name;
    }
    return isupper(name) ? !found : found;
}

// `p` stands at the '[', `last` at the ']'.
static bool in_set(struct matcher *m, unsigned char c, const char *p, const char *last) {
    bool sign = p[1] != '^';
    if (!sign) p++;
    step(m, (size_t)(last - p) / 4);
    while (++p < last) {
        if (*p == escape) {
            p++;
            if (in_class(c, byte_at(p))) return sign;
        } else if (p[1] == '-' && p + 2 < last) {
            p += 2;
            if (byte_at(p - 2) <= c && c <= byte_at(p)) return sign;
        } else if (byte_at(p) == c) {
            return sign;
        }
    }
    return !sign;
}

static inline bool matches_one(struct matcher *m, const char *s, const char *p, const char *end) {
    if (s >= m->subject_end) return false;
    switch (*p) {
    case '.': return true;
    case '%': return in_class(byte_at(s), byte_at(p + 1));
    case '[': return in_set(m, byte_at(s), p, end - 1);
    default: return *p == *s;
    }
}

static size_t count_matches(struct matcher *m, const char *s, const char *p, const char *end) {
    size_t room = (size_t)(m->subject_end - s), count = 0;
    if (*p == '.') {
        step(m, 1);
        return room;
    }
    while (matches_one(m, s + count, p, end)) {
        count++;
        step(m, 1);
    }
    return count;
}

static bool choose(struct walk *w, struct choice choice) {
    if (w->depth == MATCH_CHOICES_MAX) return fail(w->m, "pattern too complex");
    w->choices[w->depth++] = choice;
    return true;
}

static bool open_capture(struct walk *w) {
    struct matcher *m = w->m;
    bool position = peek(m, w->p + 1) == ')';
    if (m->captures == MATCH_CAPTURES_MAX) return fail(m, "too many captures");
    m->capture[m->captures++] = (struct capture){w->s, position ? CAPTURE_POSITION : CAPTURE_OPEN};
    w->p += position ? 2 : 1;
    return choose(w, (struct choice){.kind = OPENED});
}

static bool close_capture(struct walk *w) {
    struct matcher *m = w->m;
    int index = m->captures - 1;
    while (index >= 0 && m->capture[index].length != CAPTURE_OPEN) index--;
    if (index < 0) return fail(m, "invalid pattern capture");
    m->capture[index].length = w->s - m->capture[index].start;
    w->p++;
    return choose(w, (struct choice){.kind = CLOSED, .capture = index});
}

// %bxy
static bool match_balance(struct walk *w) {
    struct matcher *m = w->m;
    const char *s = w->s, *p = w->p + 2;
    size_t open = 1;
    if (m->pattern_end - p < 2) return fail(m, "malformed pattern (missing arguments to '%%b')");
    if (s >= m->subject_end || *s != p[0]) return false;
    while (++s < m->subject_end) {
        step(m, 1);
        if (*s == p[1]) {
            if (--open > 0) continue;
            w->s = s + 1;
            w->p = p + 2;
            return true;
        }
        if (*s == p[0]) open++;
    }
    return false;
}

// %f[set]
static bool match_frontier(struct walk *w) {
    struct matcher *m = w->m;
    const char *p = w->p + 2, *end;
    if (peek(m, p) != '[') return fail(m, "missing '[' after '%%f' in pattern");
    if (!(end = item_end(m, p))) return false;
    unsigned char before = w->s == m->subject ? 0 : byte_at(w->s - 1), here = w->s < m->subject_end ? byte_at(w->s) : 0;
    if (in_set(m, before, p, end - 1) || !in_set(m, here, p, end - 1)) return false;
    w->p = end;
    return true;
}

// %1 to %9
static bool match_back(struct walk *w, int digit) {
    struct matcher *m = w->m;
    int index = digit - '1';
    if (index < 0 || index >= m->captures || m->capture[index].length == CAPTURE_OPEN) return fail_at(m, index + 1);
    // The position of a capture never matches: as a length it is beyond any subject.
    size_t length = (size_t)m->capture[index].length;
    if ((size_t)(m->subject_end - w->s) < length) return false;
    step(m, length / 16 + 1);
    if (memcmp(m->capture[index].start, w->s, length) != 0) return false;
    w->s += length;
    w->p += 2;
    return true;
}

static bool match_item(struct walk *w) {
    struct matcher *m = w->m;
    const char *p = w->p, *end = item_end(m, p);
    if (!end) return false;
    char suffix = peek(m, end);
    if (!matches_one(m, w->s, p, end)) {
        w->p = end + 1;
        return suffix == '*' || suffix == '?' || suffix == '-';
    }
    switch (suffix) {
    case '?':
        if (!choose(w, (struct choice){.kind = OPTIONAL, .s = w->s, .rest = end})) return false;
        w->s++;
        w->p = end + 1;
        return true;
    case '*':
    case '+': {
        const char *s = suffix == '+' ? w->s + 1 : w->s;
        size_t count = count_matches(m, s, p, end);
        w->s = s + count;
        w->p = end + 1;
        return choose(w, (struct choice){.kind = GREEDY, .s = s, .rest = end, .count = count});
    }
    case '-':
        w->p = end + 1;
        return choose(w, (struct choice){.kind = LAZY, .s = w->s, .item = p, .rest = end});
    default:
        w->s++;
        w->p = end;
        return true;
    }
}

// Goes on by one item. False: this way is closed, or an error.
static bool advance(struct walk *w) {
    struct matcher *m = w->m;
    switch (*w->p) {
    case '(': return open_capture(w);
    case ')': return close_capture(w);
    case '$':
        if (w->p + 1 != m->pattern_end) break;
        w->p++;
        return w->s == m->subject_end;
    case '%': {
        char name = peek(m, w->p + 1);
        if (name == 'b') return match_balance(w);
        if (name == 'f') return match_frontier(w);
        if (name >= '0' && name <= '9') return match_back(w, name);
        break;
    }
    default: break;
    }
    return match_item(w);
}

// Takes back the last choice that leaves another way. False: there is none.
static bool back_up(struct walk *w) {
    struct matcher *m = w->m;
    while (w->depth > 0) {
        struct choice *c = &w->choices[w->depth - 1];
        step(m, 1);
        switch (c->kind) {
        case OPENED: m->captures--; break;
        case CLOSED: m->capture[c->capture].length = CAPTURE_OPEN; break;
        case OPTIONAL:
            w->depth--;
            w->s = c->s;
            w->p = c->rest + 1;
            return true;
        case GREEDY:
            if (c->count == 0) break;
            w->s = c->s + --c->count;
            w->p = c->rest + 1;
            return true;
        case LAZY:
            if (!matches_one(m, c->s, c->item, c->rest)) break;
            w->s = ++c->s;
            w->p = c->rest + 1;
            return true;
        }
        w->depth--;
    }
    return false;
}

const char *match_at(struct matcher *m, const char *s, const char *p) {
    struct walk w;
    w.m = m;
    w.s = s;
    w.p = p;
    w.depth = 0;
    m->captures = 0;
    for (;;) {
        if (w.p == m->pattern_end) return w.s;
        step(m, 1);
        if (advance(&w)) continue;
        if (m->error || !back_up(&w)) return NULL;
    }
}

const char *match_from(struct matcher *m, const char *s, const char *p, bool anchored, const char **end) {
    do {
        *end = match_at(m, s, p);
        if (*end) return s;
    } while (!m->error && !anchored && s++ < m->subject_end);
    return NULL;
}

bool pattern_is_plain(const char *p, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (strchr("^$*+?.([%-", p[i]) && p[i]) return false;
    }
    return true;
}

bool capture_is_usable(struct matcher *m, int index) {
    if (index >= m->captures) return index == 0 || fail_at(m, index + 1);
    return m->capture[index].length != CAPTURE_OPEN || fail(m, "unfinished capture");
}
