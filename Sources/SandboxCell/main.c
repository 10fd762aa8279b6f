// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "frames.h"

// SwiftPM links every executable with the Swift runtime. The linker drops what is not needed when it is told so before
// it meets the library, and this section, which swiftc reads for options of ours, comes first.
__attribute__((section(".swift1_autolink_entries"), used)) static const char linker_option[] = "-Wl,--as-needed";

int main(int count, char **arguments) {
    enum { CONTROL_FD = 3, EXIT_USAGE = 64 };
    int type = 0;
    socklen_t size = sizeof type;
    if (count == 2 && strcmp(arguments[1], "--globals") == 0) return print_globals();
    if (count != 1 || getsockopt(CONTROL_FD, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_SEQPACKET) {
        fputs("SandboxCell runs plugins for panelhost, which starts it; there is nothing to do by hand.\n"
              "  --globals   print every name that a plugin can reach\n", stderr);
        return EXIT_USAGE;
    }
    clearenv();
    zygote_main(CONTROL_FD);
}
