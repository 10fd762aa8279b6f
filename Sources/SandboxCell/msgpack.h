// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    VALUE_BYTES_MAX = 256 * 1024,
    VALUE_DEPTH_MAX = 32,
    VALUE_NODES_MAX = 10000,
    SECRET_BYTES_MAX = 16 * 1024,
};

/// A position in bytes that came from outside.
struct reader {
    const uint8_t *at, *end;
};

struct text {
    const char *at;
    size_t length;
};

enum item_type { ITEM_NIL, ITEM_BOOL, ITEM_INT, ITEM_DOUBLE, ITEM_TEXT, ITEM_ARRAY, ITEM_MAP, ITEM_SECRET };

struct item {
    enum item_type type;
    union {
        bool boolean;
        int64_t integer;
        double number;
        struct text text;
        uint32_t count;         // elements of an array, pairs of a map
        struct reader secret;   // the payload: an array of texts
    };
};

/// Reads one head; the elements of arrays and maps follow. False: not in our subset of MessagePack, or cut off.
bool read_item(struct reader *, struct item *);
bool read_text(struct reader *, struct text *);
bool read_integer(struct reader *, int64_t *);
bool read_count(struct reader *, enum item_type, uint32_t *);

struct limits {
    size_t bytes;
    unsigned depth, nodes;
};
extern const struct limits value_limits;

/// Checks one whole value against the limits and steps over it. What passes may be read without further checks.
bool read_checked(struct reader *, struct limits, struct reader *value);
/// Steps over one value that has passed `read_checked` before.
void skip_value(struct reader *);
/// Finds a member of a checked map. `map` stands before the map's head.
bool find_member(struct reader map, const char *name, size_t length, struct reader *value);

bool text_is(struct text, const char *);

/// A place to write frames to. Writers check `limit` and report false when the value does not fit.
struct writer {
    uint8_t *base;
    size_t length, limit;
};
bool write_raw(struct writer *, const void *, size_t);
bool write_nil(struct writer *);
bool write_bool(struct writer *, bool);
bool write_integer(struct writer *, int64_t);
bool write_double(struct writer *, double);
bool write_text(struct writer *, const char *, size_t);
bool write_string(struct writer *, const char *);
bool write_array(struct writer *, uint32_t count);
bool write_map(struct writer *, uint32_t count);
bool write_secret_head(struct writer *, uint32_t payload);
/// A map head whose count is filled in later, at most 65535 pairs.
bool write_open_map(struct writer *, size_t *place);
void write_map_count(struct writer *, size_t place, uint16_t count);
