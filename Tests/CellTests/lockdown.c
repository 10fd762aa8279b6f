// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "frames.h"

// Linked with the cell's own lockdown.c: what code that took over a cell would try. Each attempt is a process that is
// locked down as a cell is, and must be killed by SIGSYS before the attempt does anything.

static char page[4096];

#define ATTEMPT(name, ...) static void try_##name(void) { __VA_ARGS__; }
ATTEMPT(open, syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY))
ATTEMPT(socket, syscall(SYS_socket, AF_INET, SOCK_STREAM, 0))
ATTEMPT(connect, syscall(SYS_connect, CELL_FD, page, 16))
ATTEMPT(sendmsg, syscall(SYS_sendmsg, CELL_FD, page, 0))
ATTEMPT(fork, syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0))
ATTEMPT(clone3, syscall(SYS_clone3, page, 64))
ATTEMPT(execve, syscall(SYS_execve, "/bin/sh", NULL, NULL))
ATTEMPT(ptrace, syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0))
ATTEMPT(kill, syscall(SYS_kill, getppid(), SIGTERM))
ATTEMPT(tgkill, syscall(SYS_tgkill, 1, 1, SIGTERM))
ATTEMPT(pidfd, syscall(SYS_pidfd_open, 1, 0))
ATTEMPT(mmap_code, mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
ATTEMPT(mmap_file, mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, CELL_FD, 0))
ATTEMPT(mprotect_code, mprotect((void *)((uintptr_t)page & ~4095ul), 4096, PROT_READ | PROT_EXEC))
ATTEMPT(mprotect, mprotect((void *)((uintptr_t)page & ~4095ul), 4096, PROT_READ))
ATTEMPT(mremap, mremap(page, 4096, 8192, MREMAP_MAYMOVE))
ATTEMPT(madvise_free, madvise((void *)((uintptr_t)page & ~4095ul), 4096, MADV_MERGEABLE))
ATTEMPT(write_elsewhere, syscall(SYS_write, 1, "x", 1))
ATTEMPT(read_elsewhere, syscall(SYS_read, 0, page, 1))
ATTEMPT(writev, syscall(SYS_writev, CELL_FD, page, 1))
ATTEMPT(io_uring, syscall(SYS_io_uring_setup, 8, page))
ATTEMPT(process_vm_readv, syscall(SYS_process_vm_readv, 1, page, 1, page, 1, 0))
ATTEMPT(prctl, prctl(PR_SET_DUMPABLE, 1, 0, 0, 0))
ATTEMPT(seccomp, syscall(SYS_seccomp, 1, 0, page))
ATTEMPT(unshare, syscall(SYS_unshare, 0x10000000))
ATTEMPT(mount, syscall(SYS_mount, "none", "/", "tmpfs", 0, NULL))
ATTEMPT(bpf, syscall(SYS_bpf, 0, page, 64))
ATTEMPT(setuid, syscall(SYS_setuid, 0))
ATTEMPT(setrlimit, syscall(SYS_prlimit64, 0, RLIMIT_CPU, page, NULL))
ATTEMPT(dup, syscall(SYS_dup, CELL_FD))
ATTEMPT(fcntl, syscall(SYS_fcntl, CELL_FD, F_SETFL, 0))
ATTEMPT(ioctl, syscall(SYS_ioctl, CELL_FD, 0x541b, page))
ATTEMPT(getpid, syscall(SYS_getpid))
ATTEMPT(brk, syscall(SYS_brk, 0))
ATTEMPT(getrandom, syscall(SYS_getrandom, page, 16, 0))
ATTEMPT(futex, syscall(SYS_futex, page, 0, 0, NULL, NULL, 0))
ATTEMPT(sigaction, syscall(SYS_rt_sigaction, SIGSEGV, NULL, page, 8))
ATTEMPT(wall_clock, syscall(SYS_clock_gettime, CLOCK_REALTIME, page))
ATTEMPT(foreign_clock, syscall(SYS_clock_gettime, (~1u << 3) | 2, page))
ATTEMPT(timer_create, syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, page))
ATTEMPT(unknown, syscall(100000))
#if defined(__x86_64__)
ATTEMPT(x32_write, syscall(0x40000000 | SYS_write, CELL_FD, "x", 1))
ATTEMPT(i386, __asm__ volatile("int $0x80" ::"a"(20) : "memory"))
#endif

// What a cell needs, with the arguments that it uses.
static void use_what_is_left(void) {
    struct timespec now;
    char byte = 'x';
    char *at = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED || madvise(at, 8192, MADV_DONTNEED) != 0 || munmap(at, 8192) != 0) _exit(1);
    if (syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now) != 0 || syscall(SYS_clock_gettime, CLOCK_THREAD_CPUTIME_ID, &now) != 0) _exit(2);
    if (write(CELL_FD, &byte, 1) != 1) _exit(3);
    _exit(0);
}

// What the zygote gave up before it forks a cell; runs without the filter.
static void inspect_zygote(void) {
    struct {
        uint32_t version;
        int pid;
    } head = {0x20080522, 0};
    uint32_t capabilities[6] = {1};
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 || prctl(PR_GET_DUMPABLE) != 0) _exit(1);
    if (syscall(SYS_capget, &head, capabilities) != 0 || capabilities[0] || capabilities[1] || capabilities[3] || capabilities[4]) _exit(2);
    if (getuid() == 0 || open("/etc/passwd", O_RDONLY) >= 0) _exit(3);
    _exit(0);
}

#define ENTRY(name) {#name, try_##name, true}
static const struct {
    const char *name;
    void (*attempt)(void);
    bool refused;
} attempts[] = {
    ENTRY(open), ENTRY(socket), ENTRY(connect), ENTRY(sendmsg), ENTRY(fork), ENTRY(clone3), ENTRY(execve), ENTRY(ptrace), ENTRY(kill),
    ENTRY(tgkill), ENTRY(pidfd), ENTRY(mmap_code), ENTRY(mmap_file), ENTRY(mprotect_code), ENTRY(mprotect), ENTRY(mremap),
    ENTRY(madvise_free), ENTRY(write_elsewhere), ENTRY(read_elsewhere), ENTRY(writev), ENTRY(io_uring), ENTRY(process_vm_readv),
    ENTRY(prctl), ENTRY(seccomp), ENTRY(unshare), ENTRY(mount), ENTRY(bpf), ENTRY(setuid), ENTRY(setrlimit), ENTRY(dup), ENTRY(fcntl),
    ENTRY(ioctl), ENTRY(getpid), ENTRY(brk), ENTRY(getrandom), ENTRY(futex), ENTRY(sigaction), ENTRY(wall_clock), ENTRY(foreign_clock),
    ENTRY(timer_create), ENTRY(unknown),
#if defined(__x86_64__)
    ENTRY(x32_write), ENTRY(i386),
#endif
    {"what a cell needs", use_what_is_left, false},
};

// Locks a process down as the zygote and then the cell are; `layers` are those that it reports.
static int run(void (*attempt)(void), bool cell, uint32_t *layers) {
    int pair[2], status;
    struct cell_limits limits = {(uint64_t)1 << 30, 5};
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) exit(EXIT_FAILURE);
    pid_t pid = fork();
    if (pid == 0) {
        uint32_t found = lock_down_zygote();
        if (cell) found = lock_down_cell(found, pair[1], &limits);
        if (write(cell ? CELL_FD : pair[1], &found, sizeof found) != sizeof found) _exit(99);
        attempt();
        _exit(100);
    }
    close(pair[1]);
    if (read(pair[0], layers, sizeof *layers) != sizeof *layers) *layers = 0;
    waitpid(pid, &status, 0);
    close(pair[0]);
    return status;
}

int main(void) {
    unsigned failed = 0, count = sizeof attempts / sizeof *attempts;
    uint32_t layers = 0;
    signal(SIGPIPE, SIG_IGN);
    for (unsigned i = 0; i < count; i++) {
        int status = run(attempts[i].attempt, true, &layers);
        bool stopped = WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
        // A kernel without 32-bit calls answers with a fault.
        if (strcmp(attempts[i].name, "i386") == 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV) stopped = true;
        if (attempts[i].refused ? stopped : WIFEXITED(status) && WEXITSTATUS(status) == 0) continue;
        printf("lockdown: %s ended with status %#x\n", attempts[i].name, (unsigned)status);
        failed++;
    }
    uint32_t wanted = LAYER_SECCOMP | LAYER_NO_NEW_PRIVS | LAYER_RLIMITS | LAYER_FDS | LAYER_NOT_DUMPABLE;
    if ((layers & wanted) != wanted) printf("lockdown: layers %#x are in force, %#x are wanted\n", layers, wanted), failed++;
    if (layers & (LAYER_MOUNT_NS | LAYER_LANDLOCK)) {
        uint32_t before;
        int status = run(inspect_zygote, false, &before);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) printf("lockdown: the zygote's state is wrong: %#x\n", (unsigned)status), failed++;
    }
    printf("lockdown: %u attempts, %u failed, layers %#x\n", count, failed, layers);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
