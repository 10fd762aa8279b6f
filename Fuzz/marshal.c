// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include "cell.h"

// MessagePack in the cell: what passes the check becomes a Lua value, which is written again and must mean the same.

static uint8_t written[2 * VALUE_BYTES_MAX];

static bool same(struct reader a, struct reader b);

// The last of the members with that name: it is the one that stays in a table.
static bool last_member(struct reader map, struct text name, struct reader *value) {
    uint32_t count;
    struct text key;
    bool found = false;
    read_count(&map, ITEM_MAP, &count);
    while (count--) {
        read_text(&map, &key);
        if (key.length == name.length && memcmp(key.at, name.at, name.length) == 0) {
            *value = map;
            found = true;
        }
        skip_value(&map);
    }
    return found;
}

static bool is_nil(struct reader value) { return *value.at == 0xc0; }

// Every member of `a` that Lua can hold is in `b` with the same value.
static bool within(struct reader a, struct reader b) {
    struct reader members = a, x, y;
    uint32_t count;
    struct text name;
    read_count(&members, ITEM_MAP, &count);
    while (count--) {
        read_text(&members, &name);
        last_member(a, name, &x);
        if (last_member(b, name, &y) ? !same(x, y) : !is_nil(x)) return false;
        skip_value(&members);
    }
    return true;
}

static bool same(struct reader a, struct reader b) {
    struct reader map_a = a, map_b = b;
    struct item x, y;
    if (!read_item(&a, &x) || !read_item(&b, &y) || x.type != y.type) return false;
    switch (x.type) {
    case ITEM_NIL: return true;
    case ITEM_BOOL: return x.boolean == y.boolean;
    case ITEM_INT: return x.integer == y.integer;
    case ITEM_DOUBLE: return memcmp(&x.number, &y.number, sizeof x.number) == 0;
    case ITEM_TEXT: return x.text.length == y.text.length && memcmp(x.text.at, y.text.at, x.text.length) == 0;
    case ITEM_SECRET: {
        size_t n = (size_t)(x.secret.end - x.secret.at);
        return (size_t)(y.secret.end - y.secret.at) == n && memcmp(x.secret.at, y.secret.at, n) == 0;
    }
    case ITEM_ARRAY:
        if (x.count != y.count) return false;
        for (; x.count; x.count--) {
            if (!same(a, b)) return false;
            skip_value(&a);
            skip_value(&b);
        }
        return true;
    case ITEM_MAP: return within(map_a, map_b) && within(map_b, map_a);
    }
    return false;
}

static int round_trip(lua_State *L) {
    struct writer *w = lua_touserdata(L, 1);
    struct reader *value = lua_touserdata(L, 2), r = *value;
    push_value(L, &r);
    require(r.at == value->end, "a value was read to byte %td of %td", r.at - value->at, value->end - value->at);
    write_value(L, 3, w, "the value", false);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static lua_State *L;
    struct reader r = {data, data + size}, value, again;
    struct writer w = {written, 0, sizeof written};
    if (!L) L = fuzz_environment();
    if (!read_checked(&r, value_limits, &value)) return 0;
    r = value;
    skip_value(&r);
    require(r.at == value.end, "skip_value and read_checked do not agree");
    lua_pushcfunction(L, round_trip);
    lua_pushlightuserdata(L, &w);
    lua_pushlightuserdata(L, &value);
    require(lua_pcall(L, 2, 0, 0) == LUA_OK, "%s", lua_tostring(L, -1));
    r = (struct reader){written, written + w.length};
    require(read_checked(&r, value_limits, &again) && r.at == r.end, "what was written does not pass the check");
    require(same(value, again), "what was written means something else");
    return 0;
}
