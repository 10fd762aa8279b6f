// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include <errno.h>
#include <setjmp.h>
#include <time.h>

#include "sandbox.h"

// A timer on the CPU clock of the only thread. It costs nothing while Lua runs: stage one sets the hook of the running
// coroutine, stage two, 50 ms later, leaves a C function that sees no hooks by siglongjmp. The arena is then restored
// from the snapshot, so nothing that was torn is ever used again. Stage three is the host's SIGKILL.
enum { TIMER_SIGNAL = SIGVTALRM };
static const uint64_t grace_ns = 50 * 1000 * 1000;
static const uint64_t tick_ns = 1000 * 1000;  // the clock of such a timer is coarser than this
static const uint64_t again_ns = 10 * 1000 * 1000;

static timer_t timer;
static volatile uint64_t armed_ns;     // when the timer fires, 0: it is not armed
static volatile uint64_t deadline_ns;  // of the slice that runs
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

static void on_timer(int signal) {
    (void)signal;
    int saved = errno;
    armed_ns = 0;
    if (running) {
        uint64_t now = thread_cpu_ns();
        if (now < deadline_ns) {
            // Left from an earlier slice, which ended in time.
            arm(deadline_ns);
        } else {
            arm(now + again_ns);
            struct sandbox *sandbox = current;
            if (!sandbox->killed) sandbox->killed = KILLED_CPU;
            lua_sethook(sandbox->running, stop_here, LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1);
            if (now >= deadline_ns + grace_ns && !held) siglongjmp(escape, 1);
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
    if (sigsetjmp(escape, 0) == 0) {
        // From here on the handler acts: a timer that is due at once must not be lost.
        running = 1;
        // A timer that is due earlier stays: its handler arms it anew. Most slices so need no system call here.
        if (armed_ns == 0 || armed_ns > deadline_ns + tick_ns) arm(deadline_ns);
        status = body(sandbox);
    }
    running = 0;
    last_ns = thread_cpu_ns();
    sandbox->usage.cpu_ns += last_ns - start;
    return status;
}
