// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include <errno.h>
#include <setjmp.h>
#include <time.h>

#include "frames.h"

// A timer on the CPU clock of the only thread. It costs nothing while Lua runs: stage one sets the hook of the running
// coroutine, stage two, 50 ms later, leaves a C function that sees no hooks by siglongjmp. The arena is then renewed from
// the snapshot, so nothing in it that was torn is ever used again; outside of it, nothing may be torn. That holds because
// - `held` is set while frames are sent; a frame under construction counts for nothing until one store makes it whole;
// - nothing that runs in a slice calls malloc, or maps memory: what it needs was mapped before;
// - what else a slice writes is in the sandbox, and every invocation starts with fresh values there.
// Stage three is the host's SIGKILL.
enum { TIMER_SIGNAL = SIGVTALRM };
#ifndef CELL_GRACE_MS
#define CELL_GRACE_MS 50  // a test sets it to 0: then every late slice is left wherever it is
#endif
static const uint64_t grace_ns = CELL_GRACE_MS * 1000 * 1000;
static const uint64_t tick_ns = 1000 * 1000;  // the clock of such a timer is coarser than this
static const uint64_t again_ns = 10 * 1000 * 1000;
static const uint64_t patience_ns = 1000 * 1000;  // after so long, frames that are whole do not wait for the slice to end

static timer_t timer;
static volatile uint64_t armed_ns;     // when the timer fires, 0: it is not armed
static volatile uint64_t deadline_ns;  // of the slice that runs
static volatile uint64_t late_ns;      // when it was first seen to be late, 0: it is not
static volatile sig_atomic_t running, held;
static sigjmp_buf escape;
static uint64_t last_ns;  // the clock at the end of the slice before, 0 after the process waited or wrote

static uint64_t clock_ns(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t thread_cpu_ns(void) { return clock_ns(CLOCK_THREAD_CPUTIME_ID); }
uint64_t monotonic_ns(void) { return clock_ns(CLOCK_MONOTONIC); }

static void arm(uint64_t at) {
    struct itimerspec spec = {.it_value = {.tv_sec = (time_t)(at / 1000000000u), .tv_nsec = (long)(at % 1000000000u)}};
    armed_ns = at;
    timer_settime(timer, TIMER_ABSTIME, &spec, NULL);
}

static void stop_here(lua_State *L, lua_Debug *ar) {
    (void)ar;
    raise_killed(L);
}

static void count_one(lua_State *L, lua_Debug *ar) {
    (void)ar;
    charge(L, 1);
}

void count_instructions(lua_State *L) {
    if (current->budget.instructions) lua_sethook(L, count_one, LUA_MASKCOUNT, 1);
}

static void on_late(uint64_t now) {
    struct sandbox *sandbox = current;
    if (late_ns == 0) late_ns = now;
    // A signal that came late leaves the hook its time all the same.
    uint64_t forced_ns = deadline_ns + grace_ns, heard_ns = late_ns + grace_ns / 2;
    if (forced_ns < heard_ns) forced_ns = heard_ns;
    arm(now < forced_ns && forced_ns < now + again_ns ? forced_ns : now + again_ns);
    if (!sandbox->killed) sandbox->killed = KILLED_CPU;
    lua_sethook(sandbox->running, stop_here, LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1);
    if (now < forced_ns || held) return;
    // Since the hook was set no instruction was executed: the line is that of the call that does not end. Without that
    // time Lua may be in the middle of changing what the line is read from.
    if (grace_ns > 0 && sandbox->phase == PHASE_RUNNING) note_place(sandbox, sandbox->running);
    siglongjmp(escape, 1);
}

static void on_timer(int signal) {
    (void)signal;
    int saved = errno;
    armed_ns = 0;
    if (running) {
        uint64_t now = thread_cpu_ns();
        if (now >= deadline_ns) {
            on_late(now);
        } else {
            // Early on purpose, or left from a slice before, which ended in time.
            if (!held) frames_push();
            arm(deadline_ns);
        }
    }
    errno = saved;
}

bool deadline_prepare(void) {
    // SA_NODEFER: after siglongjmp no mask has to be restored.
    struct sigaction action = {.sa_handler = on_timer, .sa_flags = SA_NODEFER | SA_RESTART};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = TIMER_SIGNAL};
    return sigaction(TIMER_SIGNAL, &action, NULL) == 0 && timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer) == 0;
}

void deadline_idle(void) { last_ns = 0; }
void deadline_hold(void) { held = 1; }
void deadline_release(void) { held = 0; }

int deadline_run(struct sandbox *sandbox, int (*body)(struct sandbox *)) {
    // Reading this clock is a system call; within a batch one reading ends a slice and starts the next.
    volatile uint64_t start = last_ns ? last_ns : thread_cpu_ns();
    uint64_t left = sandbox->budget.cpu_ns > sandbox->usage.cpu_ns ? sandbox->budget.cpu_ns - sandbox->usage.cpu_ns : 0;
    volatile int status = SLICE_ESCAPED;
    current = sandbox;
    held = 0;
    deadline_ns = start + left;
    volatile uint64_t first = frames_waiting() && left > patience_ns ? start + patience_ns : deadline_ns;
    if (sigsetjmp(escape, 0) == 0) {
        // From here on the handler acts: a timer that is due at once must not be lost.
        late_ns = 0;
        running = 1;
        // A timer that is due earlier stays: its handler arms it anew. Most slices so need no system call here.
        if (armed_ns == 0 || armed_ns > first + tick_ns) arm(first);
        status = body(sandbox);
    }
    running = 0;
    last_ns = thread_cpu_ns();
    sandbox->slice_ns = last_ns - start;
    sandbox->usage.cpu_ns += sandbox->slice_ns;
    return status;
}
