// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
//
// The same functions called in this process by lua_pcall, without any wall: what the sandbox can never beat.
#pragma once
#include <stdint.h>

typedef struct lua_State lua_State;

/// A plain state that has run `source`, which returns a table of functions; NULL when it does not.
lua_State *baseline_open(const char *source);

/// Calls one of the functions with two empty tables and drops what it returns. Nanoseconds, or -1 after an error.
int64_t baseline_call(lua_State *, const char *function);

void baseline_close(lua_State *);
