// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include <stdio.h>
#include <string.h>

#include "sandbox.h"

// The parts of ctx that need no host: text encodings, comparison, time, log.

static const char digits[] = "0123456789abcdef";
static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static char *start_result(lua_State *L, luaL_Buffer *buffer, size_t total) {
    if (total > STRING_BYTES_MAX) plugin_error(L, "the result would be larger than 1 MiB");
    charge(L, total / 64);
    return start_buffer(L, buffer, total);
}

// Encodes the string on top.
int encode_hex(lua_State *L) {
    size_t length;
    luaL_Buffer buffer;
    const char *text = luaL_checklstring(L, -1, &length);
    char *at = start_result(L, &buffer, length * 2);
    for (size_t i = 0; i < length; i++) {
        *at++ = digits[(unsigned char)text[i] >> 4];
        *at++ = digits[(unsigned char)text[i] & 15];
    }
    luaL_pushresultsize(&buffer, length * 2);
    return 1;
}

static int nibble(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static int fail(lua_State *L, const char *message) {
    lua_pushnil(L);
    lua_pushstring(L, message);
    return 2;
}

static int decode_hex(lua_State *L) {
    size_t length;
    luaL_Buffer buffer;
    const char *text = luaL_checklstring(L, 1, &length);
    if (length % 2) return fail(L, "an odd number of hexadecimal digits");
    char *at = start_result(L, &buffer, length / 2);
    for (size_t i = 0; i < length; i += 2) {
        int high = nibble(text[i]), low = nibble(text[i + 1]);
        if (high < 0 || low < 0) return fail(L, "not a hexadecimal digit");
        *at++ = (char)(high << 4 | low);
    }
    luaL_pushresultsize(&buffer, length / 2);
    return 1;
}

// Encodes the string on top.
int encode_base64(lua_State *L) {
    size_t length;
    luaL_Buffer buffer;
    const unsigned char *text = (const unsigned char *)luaL_checklstring(L, -1, &length);
    size_t total = (length + 2) / 3 * 4;
    char *at = start_result(L, &buffer, total);
    for (size_t i = 0; i < length; i += 3) {
        size_t left = length - i;
        uint32_t v = (uint32_t)text[i] << 16 | (left > 1 ? (uint32_t)text[i + 1] << 8 : 0) | (left > 2 ? text[i + 2] : 0);
        *at++ = alphabet[v >> 18];
        *at++ = alphabet[v >> 12 & 63];
        *at++ = left > 1 ? alphabet[v >> 6 & 63] : '=';
        *at++ = left > 2 ? alphabet[v & 63] : '=';
    }
    luaL_pushresultsize(&buffer, total);
    return 1;
}

// Takes both alphabets, with and without padding: providers use all of them.
static int sextet(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+' || c == '-') return 62;
    return c == '/' || c == '_' ? 63 : -1;
}

static int decode_base64(lua_State *L) {
    size_t length;
    luaL_Buffer buffer;
    const char *text = luaL_checklstring(L, 1, &length);
    size_t padding = 0;
    while (padding < 2 && padding < length && text[length - padding - 1] == '=') padding++;
    if (padding && length % 4) return fail(L, "wrong padding");
    length -= padding;
    if (length % 4 == 1) return fail(L, "wrong length");
    char *at = start_result(L, &buffer, length * 3 / 4 + 1);
    uint32_t bits = 0;
    size_t total = 0;
    for (size_t i = 0; i < length; i++) {
        int v = sextet(text[i]);
        if (v < 0) return fail(L, "not a base64 character");
        bits = bits << 6 | (uint32_t)v;
        if (i % 4 == 0) continue;
        at[total++] = (char)(bits >> (6 - i % 4 * 2));
    }
    unsigned left = length % 4 == 2 ? 4 : length % 4 == 3 ? 2 : 0;
    if (bits & ((1u << left) - 1)) return fail(L, "bits left over");
    luaL_pushresultsize(&buffer, total);
    return 1;
}

static int hex_encode(lua_State *L) {
    luaL_checkstring(L, 1);
    lua_settop(L, 1);
    return encode_hex(L);
}

static int base64_encode(lua_State *L) {
    luaL_checkstring(L, 1);
    lua_settop(L, 1);
    return encode_base64(L);
}

// Takes as long for equal strings as for different ones of the same length.
static int equals(lua_State *L) {
    size_t la, lb;
    const char *a = luaL_checklstring(L, 1, &la), *b = luaL_checklstring(L, 2, &lb);
    charge(L, lb / 64);
    volatile unsigned char difference = 0;
    for (size_t i = 0; i < lb; i++) difference |= (unsigned char)(a[la ? i % la : 0] ^ b[i]);
    lua_pushboolean(L, la == lb && difference == 0);
    return 1;
}

static int now_ms(lua_State *L) {
    // A call that is repeated reads the same time.
    uint64_t elapsed = current->budget.instructions ? 0 : (monotonic_ns() - current->arrived_ns) / 1000000;
    lua_pushinteger(L, (lua_Integer)(current->now_ms + elapsed));
    return 1;
}

static int iso8601(lua_State *L) {
    lua_Integer ms = luaL_checkinteger(L, 1);
    if (ms < -62135596800000 || ms > 253402300799999) return plugin_error(L, "ctx.clock.iso8601: the year is not between 1 and 9999");
    lua_Integer days = ms / 86400000, rest = ms % 86400000;
    if (rest < 0) {
        rest += 86400000;
        days--;
    }
    // Days since 1 March of year 0 (proleptic Gregorian): leap days so come last in a year.
    lua_Integer z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, day_of_era = z - era * 146097;
    lua_Integer year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    lua_Integer day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100), m = (5 * day_of_year + 2) / 153;
    int day = (int)(day_of_year - (153 * m + 2) / 5 + 1), month = (int)(m < 10 ? m + 3 : m - 9);
    int year = (int)(year_of_era + era * 400 + (month <= 2));
    char text[40];
    snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", year, month, day, (int)(rest / 3600000), (int)(rest / 60000 % 60),
             (int)(rest / 1000 % 60), (int)(rest % 1000));
    lua_pushstring(L, text);
    return 1;
}

static int finish_log(lua_State *L, int status, lua_KContext context) {
    size_t length;
    (void)status;
    (void)context;
    check_text(L);
    const char *message = lua_tolstring(L, -1, &length);
    write_log(L, lua_tostring(L, lua_upvalueindex(1)), message, length, lua_isnil(L, 2) ? 0 : 2);
    return 0;
}

static int log_line(lua_State *L) {
    lua_settop(L, 2);
    if (!lua_isnil(L, 2)) luaL_checktype(L, 2, LUA_TTABLE);
    push_text(L, 1, 0, finish_log);
    return finish_log(L, LUA_OK, 0);
}

// The table of namespaces is on top.
void open_codec(lua_State *L) {
    static const luaL_Reg crypto[] = {
        {"base64_decode", decode_base64}, {"base64_encode", base64_encode}, {"equals", equals},
        {"hex_decode", decode_hex},       {"hex_encode", hex_encode},       {NULL, NULL},
    };
    static const luaL_Reg clock[] = {{"iso8601", iso8601}, {"now_ms", now_ms}, {NULL, NULL}};
    static const luaL_Reg random[] = {{"hex", random_hex}, {NULL, NULL}};
    static const char *const levels[] = {"debug", "info", "warn", "error", NULL};
    static const luaL_Reg json[] = {{"decode", json_decode}, {"encode", json_encode}, {NULL, NULL}};
    luaL_newlib(L, json);
    lua_setfield(L, -2, "json");
    luaL_newlib(L, crypto);
    lua_setfield(L, -2, "crypto");
    luaL_newlib(L, clock);
    lua_setfield(L, -2, "clock");
    luaL_newlib(L, random);
    lua_setfield(L, -2, "random");
    lua_createtable(L, 0, 4);
    for (const char *const *level = levels; *level; level++) {
        lua_pushstring(L, *level);
        lua_pushcclosure(L, log_line, 1);
        lua_setfield(L, -2, *level);
    }
    lua_setfield(L, -2, "log");
}
