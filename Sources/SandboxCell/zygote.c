// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "frames.h"

// The zygote forks a cell for each SPAWN. It stays small, has one thread and allocates nothing, so that a fork is cheap.

enum { SPAWN = 1, SPAWNED = 2, EXITED = 3, HELLO = 4, VERSION = 1, CELLS_MAX = 1024 };
enum { STACK_BYTES = 16 << 20, GUARD_BYTES = 1 << 20 };

struct spawn {
    uint32_t type, sequence;
    uint64_t address_space;
    uint32_t cpu_seconds, flags;
};
struct spawned {
    uint32_t type, sequence;
    int32_t pid, error;
};
struct exited {
    uint32_t type, zero;
    int32_t pid, status;
    uint64_t maxrss_kb, cpu_us;
};
struct hello {
    uint32_t type, version, layers, pid;
};

static int control;
static uint32_t layers;
static pid_t cells[CELLS_MAX];
static unsigned cell_count;

static void end_everything(void) {
    for (unsigned i = 0; i < cell_count; i++) kill(cells[i], SIGKILL);
    while (waitpid(-1, NULL, 0) > 0) {}
    _exit(EXIT_CLOSED);
}

static void send_message(const void *message, size_t size, int fd) {
    union {
        struct cmsghdr head;
        char space[CMSG_SPACE(sizeof(int))];
    } rights;
    struct iovec part = {(void *)message, size};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
    if (fd >= 0) {
        memset(&rights, 0, sizeof rights);
        m.msg_control = &rights;
        m.msg_controllen = sizeof rights.space;
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &fd, sizeof fd);
    }
    while (sendmsg(control, &m, MSG_NOSIGNAL) < 0) {
        if (errno != EINTR) end_everything();
    }
}

// What the cell takes along when it changes to its own stack.
static struct {
    int fd;
    struct cell_limits limits;
} cell;

static void enter_cell(void) { cell_main(lock_down_cell(layers, cell.fd, &cell.limits)); }

// In the child. Nothing of a plugin is here yet.
static _Noreturn void become_cell(pid_t zygote, int fd, const struct spawn *request) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != zygote) _exit(EXIT_CLOSED);
    if (!deadline_prepare() || !frames_prepare() || !queue_prepare()) _exit(EXIT_SYSTEM);
    cell.fd = fd;
    cell.limits = (struct cell_limits){request->address_space, request->cpu_seconds};
    if (SANITIZED) enter_cell();
    // A stack of its own, with room for what the interpreter's recursion needs and nothing below it.
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK;
    char *stack = mmap(NULL, STACK_BYTES + GUARD_BYTES, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (stack == MAP_FAILED || mprotect(stack, GUARD_BYTES, PROT_NONE) != 0) _exit(EXIT_SYSTEM);
    static ucontext_t context;
    getcontext(&context);
    context.uc_stack.ss_sp = stack + GUARD_BYTES;
    context.uc_stack.ss_size = STACK_BYTES;
    makecontext(&context, enter_cell, 0);
    setcontext(&context);
    _exit(EXIT_SYSTEM);
}

static void on_spawn(const struct spawn *request, int fd) {
    struct spawned answer = {SPAWNED, request->sequence, -1, 0};
    int pidfd = -1;
    if (fd < 0) {
        answer.error = EBADF;
    } else if (cell_count == CELLS_MAX) {
        answer.error = EAGAIN;
    } else {
        pid_t zygote = getpid(), pid = fork();
        if (pid == 0) become_cell(zygote, fd, request);
        if (pid < 0) {
            answer.error = errno;
        } else if ((pidfd = (int)syscall(SYS_pidfd_open, pid, 0)) < 0) {
            answer.error = errno;
            kill(pid, SIGKILL);
            waitpid(pid, NULL, 0);
        } else {
            answer.pid = pid;
            cells[cell_count++] = pid;
        }
    }
    if (fd >= 0) close(fd);
    send_message(&answer, sizeof answer, pidfd);
    if (pidfd >= 0) close(pidfd);
}

static void on_control(void) {
    union {
        struct cmsghdr head;
        char space[CMSG_SPACE(sizeof(int))];
    } rights;
    struct spawn request;
    struct iovec part = {&request, sizeof request};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &rights, .msg_controllen = sizeof rights.space};
    ssize_t n = recvmsg(control, &m, MSG_CMSG_CLOEXEC);
    if (n < 0 && errno == EINTR) return;
    if (n <= 0) end_everything();
    int fd = -1;
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof(int)))
        memcpy(&fd, CMSG_DATA(c), sizeof fd);
    if (n != sizeof request || request.type != SPAWN || (m.msg_flags & MSG_TRUNC)) end_everything();
    on_spawn(&request, fd);
}

static void reap(void) {
    struct rusage usage;
    int status;
    pid_t pid;
    while ((pid = wait4(-1, &status, WNOHANG, &usage)) > 0) {
        for (unsigned i = 0; i < cell_count; i++) {
            if (cells[i] == pid) cells[i] = cells[--cell_count];
        }
        struct exited message = {EXITED, 0, pid, status, (uint64_t)usage.ru_maxrss,
                                 (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000u +
                                     (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec)};
        send_message(&message, sizeof message, -1);
    }
}

void zygote_main(int socket) {
    sigset_t child;
    control = socket;
    // A terminal's interrupt is for the host, which ends cells in order; when the host goes, the socket closes.
    setsid();
    // One page faulted in should cost one page.
    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
    seed_find();
    layers = lock_down_zygote();
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL);
    int children = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    if (children < 0) _exit(EXIT_SYSTEM);
    struct hello hello = {HELLO, VERSION, layers, (uint32_t)getpid()};
    send_message(&hello, sizeof hello, -1);
    for (;;) {
        struct pollfd wait[2] = {{.fd = control, .events = POLLIN}, {.fd = children, .events = POLLIN}};
        if (poll(wait, 2, -1) < 0 && errno != EINTR) end_everything();
        if (wait[1].revents) {
            struct signalfd_siginfo info;
            while (read(children, &info, sizeof info) > 0) {}
            reap();
        }
        if (wait[0].revents) on_control();
    }
}
