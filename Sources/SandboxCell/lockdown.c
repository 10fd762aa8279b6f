// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include <errno.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "frames.h"

// What can be taken away once is taken from the zygote and inherited; the rest is taken from each cell before it reads
// its first byte. Every layer is best effort here and reported as it is: the host decides what it insists on.

enum { NOBODY = 65534 };

// An empty, read-only root: no path leads anywhere.
static bool empty_root(void) {
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return false;
    if (mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=4k,nr_inodes=2,mode=0555") != 0) return false;
    if (chdir("/tmp") != 0 || syscall(SYS_pivot_root, ".", ".") != 0 || umount2(".", MNT_DETACH) != 0 || chdir("/") != 0) return false;
    return mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0;
}

static uint32_t enter_namespaces(void) {
    uint32_t layers = 0;
    if (geteuid() == 0) {
        // Root needs no user namespace to make the others; where a container forbids them the second try may still work.
        if (unshare(CLONE_NEWNET) == 0) layers |= LAYER_NET_NS;
        if (unshare(CLONE_NEWNS) == 0 && empty_root()) layers |= LAYER_MOUNT_NS;
        if (setgroups(0, NULL) != 0 || setresgid(NOBODY, NOBODY, NOBODY) != 0 || setresuid(NOBODY, NOBODY, NOBODY) != 0) return layers;
    }
    if (unshare(CLONE_NEWUSER) != 0) return layers;
    layers |= LAYER_USER_NS;
    if (!(layers & LAYER_NET_NS) && unshare(CLONE_NEWNET) == 0) layers |= LAYER_NET_NS;
    if (!(layers & LAYER_MOUNT_NS) && unshare(CLONE_NEWNS) == 0 && empty_root()) layers |= LAYER_MOUNT_NS;
    unshare(CLONE_NEWIPC | CLONE_NEWUTS);
    return layers;
}

// Landlock without a single rule: nothing in the file system may be touched, no TCP port bound or connected.
static bool landlock(void) {
    struct {
        uint64_t fs, net, scoped;
    } rules = {0};
    enum { LANDLOCK_VERSION_FLAG = 1 };
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_VERSION_FLAG);
    if (version < 1) return false;
    rules.fs = (1u << (version >= 5 ? 16 : version >= 3 ? 15 : version == 2 ? 14 : 13)) - 1;
    if (version >= 4) rules.net = 3;
    if (version >= 6) rules.scoped = 3;
    size_t size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
    int fd = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
    if (fd < 0) return false;
    bool done = syscall(SYS_landlock_restrict_self, fd, 0) == 0;
    close(fd);
    return done;
}

// A new user namespace gives every capability over itself; none is needed any more.
static void drop_capabilities(void) {
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {0};
    syscall(SYS_capset, &head, none);
}

uint32_t lock_down_zygote(void) {
    if (SANITIZED) return 0;
    uint32_t layers = enter_namespaces();
    drop_capabilities();
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) layers |= LAYER_NO_NEW_PRIVS;
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0) layers |= LAYER_NOT_DUMPABLE;
    if (landlock()) layers |= LAYER_LANDLOCK;
    return layers;
}

static bool limit(__rlimit_resource_t resource, rlim_t value) {
    struct rlimit both = {value, value}, now;
    if (getrlimit(resource, &now) == 0 && now.rlim_max < value) both.rlim_cur = both.rlim_max = now.rlim_max;
    return setrlimit(resource, &both) == 0;
}

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "the system call filter knows x86_64 and aarch64"
#endif

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define LOAD_ARGUMENT(n) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[n]))
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define KILL BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)
#define CALL(name) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1), ALLOW
// The next `n` instructions belong to this call only.
#define CALL_IF(name, n) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, n)

// Nothing here opens, finds, starts or signals anything. After this the cell calls neither malloc nor stdio.
bool seccomp_on(void) {
    static const struct sock_filter code[] = {
        LOAD(arch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
        KILL,
        // Compared as a whole: numbers of another ABI have a bit more.
        LOAD(nr),
        // read and write: the one socket.
        CALL_IF(read, 4), LOAD_ARGUMENT(0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CELL_FD, 0, 1), ALLOW, KILL,
        CALL_IF(write, 4), LOAD_ARGUMENT(0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CELL_FD, 0, 1), ALLOW, KILL,
        // The two clocks of ours; other numbers name other processes.
        CALL_IF(clock_gettime, 5), LOAD_ARGUMENT(0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CLOCK_THREAD_CPUTIME_ID, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CLOCK_MONOTONIC, 0, 1), ALLOW, KILL,
        CALL(timer_settime),
        CALL(rt_sigreturn),
        // Memory without a file behind it, that is never code: mprotect and mremap do not exist.
        CALL_IF(mmap, 6), LOAD_ARGUMENT(2), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PROT_READ | PROT_WRITE, 0, 3), LOAD_ARGUMENT(3),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, MAP_ANONYMOUS, 0, 1), ALLOW, KILL,
        CALL(munmap),
        CALL_IF(madvise, 4), LOAD_ARGUMENT(2), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MADV_DONTNEED, 0, 1), ALLOW, KILL,
        CALL(exit_group),
        KILL,
    };
    static const struct sock_fprog program = {sizeof code / sizeof *code, (struct sock_filter *)code};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

uint32_t lock_down_cell(uint32_t inherited, int fd, const struct cell_limits *limits) {
    uint32_t layers = inherited & (LAYER_USER_NS | LAYER_NET_NS | LAYER_MOUNT_NS | LAYER_LANDLOCK);
    // The one socket becomes descriptor 3; everything else is closed, standard error too.
    if (fd != CELL_FD && dup2(fd, CELL_FD) < 0) _exit(EXIT_LOCKDOWN);
    if (syscall(SYS_close_range, 0u, CELL_FD - 1u, 0u) == 0 && syscall(SYS_close_range, CELL_FD + 1u, ~0u, 0u) == 0) layers |= LAYER_FDS;
    if (SANITIZED) return layers;
    bool limited = limit(RLIMIT_CORE, 0) && limit(RLIMIT_NOFILE, 0) && limit(RLIMIT_NPROC, 0);
    limited = limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_MEMLOCK, 0) && limited;
    if (limits->address_space) limited = limit(RLIMIT_AS, limits->address_space) && limited;
    if (limits->cpu_seconds) limited = limit(RLIMIT_CPU, limits->cpu_seconds) && limited;
    if (limited) layers |= LAYER_RLIMITS;
    if (prctl(PR_GET_DUMPABLE) == 0) layers |= LAYER_NOT_DUMPABLE;
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1) layers |= LAYER_NO_NEW_PRIVS;
    if (seccomp_on()) layers |= LAYER_SECCOMP;
    return layers;
}
