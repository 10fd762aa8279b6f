// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#pragma once
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "msgpack.h"

enum {
    BLOCK_BYTES_MAX = 1 << 20,      // one allocation; what a single string or table may grow to
    STRING_BYTES_MAX = BLOCK_BYTES_MAX - 1024,  // what we build ourselves is refused by an error, not by the memory limit
    RESERVE_BYTES = 64 * 1024,      // what describing an error may take beyond the cap
    COROUTINE_DEPTH_MAX = 16,
    MESSAGE_BYTES_MAX = 1024,
    TRACEBACK_BYTES_MAX = 2048,
    SOURCE_BYTES_MAX = 128 * 1024,  // the compiler needs quadratic time for some shapes
};

/// Why an invocation may not go on. Once set it stays: whatever catches the error raises it again.
enum kill { ALIVE, KILLED_CPU, KILLED_MEMORY, KILLED_HOST_CALLS };

enum phase {
    PHASE_EMPTY,    // no state was made yet
    PHASE_FREE,     // as the snapshot, ready for an invocation
    PHASE_DIRTY,    // an invocation ended here; must be restored first
    PHASE_RUNNING,
    PHASE_WAITING,  // for the host's reply
    PHASE_LOADING,
};

struct budget {
    uint64_t cpu_ns;
    uint64_t instructions;  // deterministic mode: these are limited and the clock stands still; 0: timed
    uint32_t host_calls, log_bytes;
};

/// What the host is told about one invocation.
struct usage {
    uint64_t cpu_ns;
    uint32_t host_calls;
    uint64_t bytes_in, bytes_out;
};

/// One Lua state in one arena. Everything that Lua allocates is in the arena; everything here is outside.
struct sandbox {
    enum phase phase;
    uint32_t id;  // of the invocation
    struct arena *arena;
    struct snapshot snapshot;
    lua_State *main;     // only for protected calls of our own
    lua_State *thread;   // runs the invocation
    lua_State *volatile running;  // the coroutine that executes Lua now; the timer's handler sets its hook
    volatile sig_atomic_t killed;
    bool torn;           // left by force: the arena is renewed before it is used again
    char place[96];      // where the plugin was when the invocation ended: "main.lua:12: "
    bool refused;        // the last request for memory was refused once
    bool reporting;      // describing an error: may use the reserve
    bool too_deep;       // memory ran out in a deep recursion
    bool pending;        // a host call was written, the coroutines yield up to the host
    bool can_yield;      // no C function of the standard library stands between here and the host
    bool invalid_value;
    bool no_operation;
    bool log_full;
    unsigned depth;      // of nested coroutines
    struct budget budget;
    struct usage usage;
    uint64_t slice_ns;   // CPU time of the last slice
    uint64_t steps;      // instructions executed and steps charged; the instructions only in deterministic mode
    uint64_t arrived_ns, now_ms;
    uint64_t random[4];
    struct text operation;           // of a call that starts; these point into the input
    struct reader context, request;
    struct reader reply;                             // the same for a reply
    bool reply_failed;
    struct reader fields, secrets, functions, denied;  // parts of the context, inside the arena
};

/// The sandbox that a C function called from Lua belongs to. One runs at a time.
extern struct sandbox *current;

/// Opens a state, loads the program into it and takes the snapshot.
struct load_error {
    const char *kind;  // "error", "cpu", "cpu_forced" or "memory"
    char file[128], message[MESSAGE_BYTES_MAX];
    int line;
};
bool sandbox_open(struct sandbox *, size_t memory, uint64_t cpu_ns, struct load_error *);
void sandbox_close(struct sandbox *);
void sandbox_restore(struct sandbox *);

enum outcome { OUTCOME_DONE, OUTCOME_WAITING, OUTCOME_FAULT };
/// What went wrong, for a FAULT frame.
struct fault {
    const char *kind;
    char message[MESSAGE_BYTES_MAX], traceback[TRACEBACK_BYTES_MAX];
};
enum outcome sandbox_begin(struct sandbox *, struct fault *);
enum outcome sandbox_resume(struct sandbox *, struct fault *);

/// The names of the operations, sorted; filled in by the first state that loads.
struct operations {
    uint32_t count;
    char names[64][64];
};
extern struct operations operations;

// errors.c
/// Raises an error at the plugin's line, whatever C function stands above it.
int plugin_error(lua_State *, const char *format, ...) __attribute__((format(printf, 2, 3), noreturn));
/// Raises the sticky error.
int raise_killed(lua_State *) __attribute__((noreturn));
void kill_invocation(enum kill);
/// Keeps the line at which an invocation ends, the first time.
void note_place(struct sandbox *, lua_State *);
/// Ends an invocation that `charge` found to be over.
void end_charged(lua_State *) __attribute__((noreturn));
void describe_error(struct sandbox *, lua_State *thread, int status, struct fault *);

/// Every C function that works for long calls this as it goes, with the steps since the last time. It raises when the
/// invocation is over: in timed mode because the timer said so, in deterministic mode because the steps are used up.
static inline void charge(lua_State *L, uint64_t steps) {
    struct sandbox *sandbox = current;
    sandbox->steps += steps;
    if (sandbox->killed || (sandbox->budget.instructions && sandbox->steps > sandbox->budget.instructions)) end_charged(L);
}

// deadline.c
uint64_t thread_cpu_ns(void);
uint64_t monotonic_ns(void);
bool deadline_prepare(void);
enum { SLICE_ESCAPED = 100 };
/// Runs `body` under the sandbox's CPU budget; SLICE_ESCAPED when it had to be left by force.
int deadline_run(struct sandbox *, int (*body)(struct sandbox *));
/// In deterministic mode every instruction of the coroutine is charged; for each coroutine before it runs.
void count_instructions(lua_State *);
/// The process did something else than running slices: its time is nobody's.
void deadline_idle(void);
/// Between these two a late invocation is not left by force: our own data would be torn.
void deadline_hold(void);
void deadline_release(void);

// marshal.c
void push_value(lua_State *, struct reader *);
void write_value(lua_State *, int index, struct writer *, const char *what, bool mask_secrets);

// environment.c and the files that it calls
extern const char key_operations, key_ctx, key_array, key_frozen, key_original, key_inner;
int open_environment(lua_State *);
void open_errors(lua_State *);       // adds to the table on top
void open_coroutines(lua_State *);
void open_metatables(lua_State *);
/// The value is what tells us of new keys in a plugin's metatable; plugins know nothing of it.
bool is_watch(lua_State *, int index);
void open_strings(lua_State *);      // stock string table below the new one
void open_patterns(lua_State *);
int format_string(lua_State *);
void open_utf8(lua_State *);
void open_tables(lua_State *);
void open_random(lua_State *);
void open_panel(lua_State *);
void set_functions(lua_State *, const luaL_Reg *);
void seed_random(struct sandbox *, struct text);

// seed.c
/// Finds where Lua keeps the seed of its hashes. Once, before the first state.
void seed_find(void);
/// lua_newstate with a seed of ours.
lua_State *open_seeded(lua_Alloc, void *owner, uint32_t seed);
/// Gives the C functions in the table on top, and in tables in it, an order among keys that is the same in every process.
void place_functions(lua_State *, int depth);

// events.c
/// Replaces the key on top by object[key]; `next` goes on when a metamethod yielded.
void index_value(lua_State *, int object, lua_KContext, lua_KFunction next);
/// Replaces the two values on top by whether the first is less.
void less_value(lua_State *, lua_KContext, lua_KFunction next);
void open_iterators(lua_State *);

// show.c
/// Pushes what `tostring` gives, which `check_text` must look at; `next` goes on when __tostring yielded.
void push_text(lua_State *, int index, lua_KContext, lua_KFunction next);
void check_text(lua_State *);
void open_show(lua_State *);

// program.c
bool program_keep(const uint8_t *frame, size_t length);
struct reader program_frame(void);
bool program_parse(struct reader load, size_t *memory, uint32_t *states, uint64_t *cpu_ns);
int load_program(lua_State *);       // compiles every file, runs the entry file, leaves its table
uint32_t program_seed(void);         // the same for the same files
int require_file(lua_State *);

// context.c
void open_context(lua_State *);      // builds what every invocation shares, before the snapshot
void push_statics(lua_State *);      // the parts of ctx that need no host
void hold_context(lua_State *, struct reader);

// frozen.c
void push_frozen(lua_State *, int index, const char *name);
void freeze(lua_State *, const char *name);
int next_pair(lua_State *);          // for pairs

// host.c
int call_host(lua_State *, const char *name);
int host_function(lua_State *);      // upvalue 1: the name
int random_hex(lua_State *);
void write_log(lua_State *, const char *level, const char *message, size_t length, int fields);

// secret.c, http.c, codec.c, json_….c; open_… add namespaces to the table on top
void open_secrets(lua_State *);
void push_secret(lua_State *, struct reader payload);
bool secret_payload(lua_State *, int index, struct reader *payload);
void push_response(lua_State *);     // gives the table on top its methods
void open_http(lua_State *);
void open_codec(lua_State *);
int json_decode(lua_State *);
int json_encode(lua_State *);
int decode_json(lua_State *, const char *, size_t);  // pushes the value, or nil and a message
int encode_hex(lua_State *);
int encode_base64(lua_State *);
// text.c
bool scratch_prepare(void);
/// BLOCK_BYTES_MAX bytes outside of Lua's memory in which strings are put together. Nothing yields while they are in use.
uint8_t *scratch(void);
/// Wipes them when they were used.
void scratch_clear(void);
/// Collects garbage when there is no room for `bytes` more: buffers of the auxiliary library grow without asking the collector.
void make_room(lua_State *L, size_t bytes);
char *start_buffer(lua_State *L, luaL_Buffer *, size_t bytes);
/// The length of the UTF-8 sequence at `s`, 0 when it is malformed.
size_t utf8_length(const unsigned char *s, const unsigned char *end);
/// A heap sort. qsort asks the system for memory and for its size, and may be left by force in between.
void sort_items(void *items, size_t count, size_t size, int (*compare)(const void *, const void *));
