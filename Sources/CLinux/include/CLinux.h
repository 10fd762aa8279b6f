// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
//
// What the sandbox needs of Linux and Swift cannot call: variadic functions, ancillary data, headers that Glibc's module leaves out.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <sys/types.h>

/// Starts `path` with `control` as descriptor 3, /dev/null as 0 and 1, our stderr, no other descriptor, no environment, default signals
/// and a session of its own. Returns 0 or an errno.
int linux_spawn_zygote(const char *path, int control, pid_t *pid);

/// A pair of connected sockets, both close-on-exec. `type` is SOCK_STREAM or SOCK_SEQPACKET. The first one does not block. Returns 0 or an errno.
int linux_socket_pair(int type, int fds[2]);

/// Sends one message with one descriptor. Returns 0 or an errno.
int linux_send_descriptor(int socket, const void *bytes, size_t count, int fd);

/// Receives one message without waiting; `*fd` is the descriptor that came with it, or -1. Returns the message's bytes, 0 at the end, or -errno.
ssize_t linux_receive_descriptor(int socket, void *bytes, size_t count, int *fd);

/// Writes what the socket takes without waiting and without SIGPIPE. Returns the number of bytes or -errno.
ssize_t linux_send(int socket, const void *bytes, size_t count);

/// Sends SIGKILL to the process behind a pidfd. Never reaches another process, whatever became of the pid.
void linux_kill(int pidfd);

/// Processor time that a process has used, in nanoseconds, or -1.
int64_t linux_cpu_time(pid_t pid);

/// Keeps the memory of this process out of core dumps and away from debuggers of the same user. Returns 0 or an errno.
int linux_forbid_dumps(void);

/// Names the calling thread in what the system shows.
void linux_name_thread(const char *name);

extern const int linux_stream;
extern const int linux_seqpacket;
