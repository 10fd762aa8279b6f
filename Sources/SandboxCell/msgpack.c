// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include "msgpack.h"

#include <string.h>

const struct limits value_limits = {VALUE_BYTES_MAX, VALUE_DEPTH_MAX, VALUE_NODES_MAX};

static uint64_t big_endian(const uint8_t *p, unsigned bytes) {
    uint64_t v = 0;
    while (bytes--) v = v << 8 | *p++;
    return v;
}

static bool take(struct reader *r, size_t n, const uint8_t **p) {
    if ((size_t)(r->end - r->at) < n) return false;
    *p = r->at;
    r->at += n;
    return true;
}

static bool take_number(struct reader *r, unsigned bytes, uint64_t *v) {
    const uint8_t *p;
    if (!take(r, bytes, &p)) return false;
    *v = big_endian(p, bytes);
    return true;
}

static bool take_text(struct reader *r, uint64_t n, struct item *it) {
    const uint8_t *p;
    if (!take(r, n, &p)) return false;
    it->type = ITEM_TEXT;
    it->text = (struct text){(const char *)p, n};
    return true;
}

static bool take_count(enum item_type type, uint64_t n, struct item *it) {
    it->type = type;
    it->count = (uint32_t)n;
    return true;
}

static bool take_secret(struct reader *r, uint64_t n, struct item *it) {
    const uint8_t *p;
    if (!take(r, n + 1, &p) || p[0] != 1) return false;
    it->type = ITEM_SECRET;
    it->secret = (struct reader){p + 1, p + 1 + n};
    return true;
}

bool read_item(struct reader *r, struct item *it) {
    uint64_t v;
    if (r->at == r->end) return false;
    uint8_t b = *r->at++;
    if (b <= 0x7f || b >= 0xe0) {
        it->type = ITEM_INT;
        it->integer = (int8_t)b;
        return true;
    }
    if (b <= 0x8f) return take_count(ITEM_MAP, b & 0x0f, it);
    if (b <= 0x9f) return take_count(ITEM_ARRAY, b & 0x0f, it);
    if (b <= 0xbf) return take_text(r, b & 0x1f, it);
    switch (b) {
    case 0xc0: it->type = ITEM_NIL; return true;
    case 0xc2:
    case 0xc3: it->type = ITEM_BOOL; it->boolean = b == 0xc3; return true;
    case 0xc4: case 0xd9: return take_number(r, 1, &v) && take_text(r, v, it);
    case 0xc5: case 0xda: return take_number(r, 2, &v) && take_text(r, v, it);
    case 0xc6: case 0xdb: return take_number(r, 4, &v) && take_text(r, v, it);
    case 0xc7: return take_number(r, 1, &v) && take_secret(r, v, it);
    case 0xc8: return take_number(r, 2, &v) && take_secret(r, v, it);
    case 0xd4: return take_secret(r, 1, it);
    case 0xd5: return take_secret(r, 2, it);
    case 0xd6: return take_secret(r, 4, it);
    case 0xd7: return take_secret(r, 8, it);
    case 0xd8: return take_secret(r, 16, it);
    case 0xcb:
        if (!take_number(r, 8, &v)) return false;
        it->type = ITEM_DOUBLE;
        memcpy(&it->number, &v, sizeof v);
        return true;
    case 0xcc: case 0xcd: case 0xce: case 0xcf:
        if (!take_number(r, 1u << (b - 0xcc), &v) || v > INT64_MAX) return false;
        it->type = ITEM_INT;
        it->integer = (int64_t)v;
        return true;
    case 0xd0: case 0xd1: case 0xd2: case 0xd3: {
        unsigned bytes = 1u << (b - 0xd0), shift = 64 - bytes * 8;
        if (!take_number(r, bytes, &v)) return false;
        it->type = ITEM_INT;
        it->integer = (int64_t)(v << shift) >> shift;
        return true;
    }
    case 0xdc: return take_number(r, 2, &v) && take_count(ITEM_ARRAY, v, it);
    case 0xdd: return take_number(r, 4, &v) && take_count(ITEM_ARRAY, v, it);
    case 0xde: return take_number(r, 2, &v) && take_count(ITEM_MAP, v, it);
    case 0xdf: return take_number(r, 4, &v) && take_count(ITEM_MAP, v, it);
    default: return false;
    }
}

bool read_text(struct reader *r, struct text *t) {
    struct item it;
    if (!read_item(r, &it) || it.type != ITEM_TEXT) return false;
    *t = it.text;
    return true;
}

bool read_integer(struct reader *r, int64_t *v) {
    struct item it;
    if (!read_item(r, &it) || it.type != ITEM_INT) return false;
    *v = it.integer;
    return true;
}

bool read_count(struct reader *r, enum item_type type, uint32_t *count) {
    struct item it;
    if (!read_item(r, &it) || it.type != type) return false;
    *count = it.count;
    return true;
}

static bool text_parts_are_whole(struct reader *r) {
    uint32_t count, one;
    struct text t;
    if (!read_count(r, ITEM_ARRAY, &count) || count > 64) return false;
    while (count--) {
        struct reader part = *r;
        if (read_text(r, &t)) continue;
        *r = part;
        if (!read_count(r, ITEM_ARRAY, &one) || one != 1 || !read_text(r, &t)) return false;
    }
    return true;
}

// [name, "raw" | "bearer" | "basic", user?] or ["", "text", [literal or [name], …]].
static bool secret_is_whole(struct reader payload) {
    uint32_t count;
    struct text name, form, user;
    if (payload.end - payload.at > SECRET_BYTES_MAX || !read_count(&payload, ITEM_ARRAY, &count)) return false;
    if (count < 2 || count > 3 || !read_text(&payload, &name) || !read_text(&payload, &form)) return false;
    if (text_is(form, "text")) {
        if (count != 3 || !text_parts_are_whole(&payload)) return false;
    } else if (count == 3 && !read_text(&payload, &user)) {
        return false;
    }
    return payload.at == payload.end;
}

bool read_checked(struct reader *r, struct limits limits, struct reader *value) {
    struct {
        uint64_t left;
        bool map;
    } open[VALUE_DEPTH_MAX + 4];
    unsigned depth = 0;
    const uint8_t *start = r->at;
    if (limits.depth > VALUE_DEPTH_MAX + 3) return false;
    open[0].left = 1;
    open[0].map = false;
    for (;;) {
        while (open[depth].left == 0) {
            if (depth == 0) {
                if (value) *value = (struct reader){start, r->at};
                return true;
            }
            depth--;
        }
        struct item it;
        bool key = open[depth].map && open[depth].left % 2 == 0;
        open[depth].left--;
        if (!read_item(r, &it) || (size_t)(r->at - start) > limits.bytes) return false;
        if (key) {
            if (it.type != ITEM_TEXT) return false;
            continue;
        }
        if (limits.nodes-- == 0) return false;
        if (it.type == ITEM_SECRET && !secret_is_whole(it.secret)) return false;
        if (it.type == ITEM_ARRAY || it.type == ITEM_MAP) {
            if (depth == limits.depth) return false;
            depth++;
            open[depth].map = it.type == ITEM_MAP;
            open[depth].left = (uint64_t)it.count << (it.type == ITEM_MAP);
        }
    }
}

void skip_value(struct reader *r) {
    struct item it;
    for (uint64_t left = 1; left; left--) {
        if (!read_item(r, &it)) {
            r->at = r->end;
            return;
        }
        if (it.type == ITEM_ARRAY) left += it.count;
        if (it.type == ITEM_MAP) left += (uint64_t)it.count * 2;
    }
}

bool find_member(struct reader map, const char *name, size_t length, struct reader *value) {
    uint32_t count;
    if (!read_count(&map, ITEM_MAP, &count)) return false;
    while (count--) {
        struct text key;
        if (!read_text(&map, &key)) return false;
        if (key.length == length && memcmp(key.at, name, length) == 0) {
            *value = map;
            return true;
        }
        skip_value(&map);
    }
    return false;
}

bool text_is(struct text t, const char *s) { return strlen(s) == t.length && memcmp(t.at, s, t.length) == 0; }

bool write_raw(struct writer *w, const void *bytes, size_t n) {
    if (w->limit - w->length < n) return false;
    if (n) memcpy(w->base + w->length, bytes, n);
    w->length += n;
    return true;
}

static bool write_head(struct writer *w, uint8_t head, uint64_t v, unsigned bytes) {
    if (w->limit - w->length < bytes + 1) return false;
    uint8_t *p = w->base + w->length;
    *p++ = head;
    for (unsigned i = bytes; i--;) *p++ = (uint8_t)(v >> (i * 8));
    w->length += bytes + 1;
    return true;
}

bool write_nil(struct writer *w) { return write_head(w, 0xc0, 0, 0); }
bool write_bool(struct writer *w, bool b) { return write_head(w, b ? 0xc3 : 0xc2, 0, 0); }

bool write_integer(struct writer *w, int64_t v) {
    if (v >= 0) {
        if (v < 128) return write_head(w, (uint8_t)v, 0, 0);
        if (v <= UINT8_MAX) return write_head(w, 0xcc, (uint64_t)v, 1);
        if (v <= UINT16_MAX) return write_head(w, 0xcd, (uint64_t)v, 2);
        if (v <= UINT32_MAX) return write_head(w, 0xce, (uint64_t)v, 4);
        return write_head(w, 0xcf, (uint64_t)v, 8);
    }
    if (v >= -32) return write_head(w, (uint8_t)v, 0, 0);
    if (v >= INT8_MIN) return write_head(w, 0xd0, (uint64_t)v, 1);
    if (v >= INT16_MIN) return write_head(w, 0xd1, (uint64_t)v, 2);
    if (v >= INT32_MIN) return write_head(w, 0xd2, (uint64_t)v, 4);
    return write_head(w, 0xd3, (uint64_t)v, 8);
}

bool write_double(struct writer *w, double d) {
    uint64_t v;
    memcpy(&v, &d, sizeof v);
    return write_head(w, 0xcb, v, 8);
}

bool write_text(struct writer *w, const char *s, size_t n) {
    bool head;
    if (n < 32) head = write_head(w, (uint8_t)(0xa0 | n), 0, 0);
    else if (n <= UINT8_MAX) head = write_head(w, 0xd9, n, 1);
    else if (n <= UINT16_MAX) head = write_head(w, 0xda, n, 2);
    else head = write_head(w, 0xdb, n, 4);
    return head && write_raw(w, s, n);
}

bool write_string(struct writer *w, const char *s) { return write_text(w, s, strlen(s)); }

bool write_array(struct writer *w, uint32_t n) {
    if (n < 16) return write_head(w, (uint8_t)(0x90 | n), 0, 0);
    return n <= UINT16_MAX ? write_head(w, 0xdc, n, 2) : write_head(w, 0xdd, n, 4);
}

bool write_map(struct writer *w, uint32_t n) {
    if (n < 16) return write_head(w, (uint8_t)(0x80 | n), 0, 0);
    return n <= UINT16_MAX ? write_head(w, 0xde, n, 2) : write_head(w, 0xdf, n, 4);
}

bool write_secret_head(struct writer *w, uint32_t payload) {
    return payload <= UINT8_MAX ? write_head(w, 0xc7, (uint64_t)payload << 8 | 1, 2)
                                : payload <= UINT16_MAX && write_head(w, 0xc8, (uint64_t)payload << 8 | 1, 3);
}

bool write_open_map(struct writer *w, size_t *place) {
    *place = w->length;
    return write_head(w, 0xde, 0, 2);
}

void write_map_count(struct writer *w, size_t place, uint16_t count) {
    w->base[place + 1] = (uint8_t)(count >> 8);
    w->base[place + 2] = (uint8_t)count;
}
