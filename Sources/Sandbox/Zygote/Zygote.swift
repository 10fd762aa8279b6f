// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import CLinux
import Glibc

/// The small process that cells are forked from.
///
/// Only the reactor's thread touches it.
///
/// It has to be started on that thread as well: the kernel ends it when the *thread* that started it ends.
struct Zygote: ~Copyable {
    let control: Descriptor
    private let pid: pid_t
    private var sequence: UInt32 = 0

    init(executable: String) throws(SandboxError) {
        (control, pid) = try Self.start(executable)
    }

    /// Asks for a process with that end of a cell's socket.
    ///
    /// Returns the number under which the answer comes.
    mutating func spawn(_ socket: Descriptor, addressSpace: UInt64) throws(SandboxError) -> UInt32 {
        sequence &+= 1
        // No limit on processor time: it would count over the whole life of the cell, and a busy one lives for months. The host looks at the
        // clock of the process instead, whether it has something to compute or not.
        let message = ZygoteMessage.spawn(sequence: sequence, addressSpace: addressSpace, cpuSeconds: 0)
        let error = message.withUnsafeBytes { linux_send_descriptor(control.number, $0.baseAddress, $0.count, socket.number) }
        guard error == 0 else { throw .unavailable("the zygote does not take orders: \(Self.text(error))") }
        return sequence
    }

    /// The next message, with the descriptor that came with it; nil when there is none for now.
    func receive() throws(SandboxError) -> (ZygoteMessage, Descriptor?)? {
        var bytes = [UInt8](repeating: 0, count: 64)
        var number: Int32 = -1
        let count = linux_receive_descriptor(control.number, &bytes, bytes.count, &number)
        let descriptor = number >= 0 ? Descriptor(number) : nil
        if count == -Int(EAGAIN) { return nil }
        guard count > 0 else { throw .unavailable("the zygote has ended") }
        guard let message = ZygoteMessage(bytes[..<count]) else { throw .unavailable("the zygote does not speak the protocol") }
        return (message, descriptor)
    }

    deinit {
        // It is our child and has not been waited for, so the number is still its own. Its cells die with it.
        kill(pid, SIGKILL)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    }

    private static func start(_ executable: String) throws(SandboxError) -> (Descriptor, pid_t) {
        var sockets: [Int32] = [-1, -1]
        let error = linux_socket_pair(linux_seqpacket, &sockets)
        guard error == 0 else { throw .unavailable("the zygote has no socket: \(text(error))") }
        let (control, remote) = (Descriptor(sockets[0]), Descriptor(sockets[1]))
        var pid: pid_t = 0
        let started = linux_spawn_zygote(executable, remote.number, &pid)
        guard started == 0 else { throw .unavailable("\(executable) does not start: \(text(started))") }
        return (control, pid)
    }

    private static func text(_ error: Int32) -> String { String(cString: strerror(error)) }
}
