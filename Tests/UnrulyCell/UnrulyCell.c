// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// A cell that somebody has taken over: it speaks the protocol as far as it must, hears no signal, and then does what the
// operation's name says. The host must cope with it alone.

static int control = 3;

static void say(int fd, const void *body, uint8_t size) {
    uint8_t frame[256] = {size};
    memcpy(frame + 4, body, size);
    if (write(fd, frame, 4u + size) < 0) _exit(0);
}

static void spin(long milliseconds) {
    struct timespec start, now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
    do clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    while (milliseconds < 0 || (now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000 < milliseconds);
}

// `id` is a MessagePack integer of five bytes.
static void result(int fd, const uint8_t *id) {
    uint8_t body[] = {0x94, 20, 0, 0, 0, 0, 0, 0xC3, 0x80};
    memcpy(body + 2, id, 5);
    say(fd, body, sizeof body);
}

static void answer(int fd, const uint8_t *frame, size_t size) {
    const uint8_t *id = frame + 2;
    if (memmem(frame, size, "spin", 4)) spin(-1);
    if (memmem(frame, size, "chatter", 7)) {
        uint8_t body[] = {0x95, 22, 0, 0, 0, 0, 0, 0xA4, 'i', 'n', 'f', 'o', 0xA1, '.', 0x80};
        memcpy(body + 2, id, 5);
        for (;;) {
            spin(20);
            say(fd, body, sizeof body);
        }
    }
    if (memmem(frame, size, "garbage", 7)) {
        say(fd, "\xC1", 1);
        return;
    }
    if (memmem(frame, size, "forge", 5)) {
        uint8_t other[5] = {0xCE, 0x0F, 0xFF, 0xFF, 0xFF};
        result(fd, other);
        return;
    }
    if (memmem(frame, size, "abort", 5)) _exit(70);
    result(fd, id);
}

static void read_all(int fd, uint8_t *to, size_t size) {
    for (size_t done = 0; done < size;) {
        ssize_t n = read(fd, to + done, size - done);
        if (n <= 0) _exit(0);
        done += (size_t)n;
    }
}

static void serve(int fd) {
    static uint8_t frame[1 << 20], ready[] = {0x94, 16, 0, 3, 0xA1, 'x'};
    static const uint8_t loaded[] = {0x93, 17, 0, 0x90};
    uint8_t head[4];
    char name[16] = "";
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    // One by this name could not set up the filter of system calls, and says so.
    if (prctl(PR_GET_NAME, name) == 0 && strstr(name, "Weak")) ready[3] = 2;
    say(fd, ready, sizeof ready);
    for (;;) {
        read_all(fd, head, sizeof head);
        size_t size = head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16;
        if (size > sizeof frame) _exit(65);
        read_all(fd, frame, size);
        if (frame[1] == 1) say(fd, loaded, sizeof loaded);
        if (frame[1] == 2) answer(fd, frame, size);
    }
}

static void tell(const void *message, size_t size, int fd) {
    union {
        struct cmsghdr head;
        char space[CMSG_SPACE(sizeof(int))];
    } rights;
    struct iovec part = {(void *)message, size};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
    memset(&rights, 0, sizeof rights);
    if (fd >= 0) {
        m.msg_control = &rights;
        m.msg_controllen = sizeof rights.space;
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &fd, sizeof fd);
    }
    if (sendmsg(control, &m, MSG_NOSIGNAL) < 0) _exit(0);
}

static void start_cell(void) {
    union {
        struct cmsghdr head;
        char space[CMSG_SPACE(sizeof(int))];
    } rights;
    uint32_t request[6];
    struct iovec part = {request, sizeof request};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &rights, .msg_controllen = sizeof rights.space};
    int fd;
    if (recvmsg(control, &m, 0) <= 0) _exit(0);
    memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof fd);
    pid_t pid = fork();
    if (pid == 0) serve(fd);
    close(fd);
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    uint32_t spawned[] = {2, request[1], (uint32_t)pid, 0};
    tell(spawned, sizeof spawned, pidfd);
    close(pidfd);
}

int main(void) {
    uint32_t hello[] = {4, 1, 3, (uint32_t)getpid()};
    tell(hello, sizeof hello, -1);
    for (;;) {
        struct pollfd wait = {.fd = control, .events = POLLIN};
        int status;
        pid_t pid;
        if (poll(&wait, 1, 10) > 0) start_cell();
        while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
            uint32_t exited[8] = {3, 0, (uint32_t)pid, (uint32_t)status};
            tell(exited, sizeof exited, -1);
        }
    }
}
