// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
package import NIOCore
package import Security
import Synchronization

/// Appends events to a file, one a line, and believes it only when the disk has it.
///
/// The file may be moved away or cut at any time: it is opened anew when another one, or none, stands under its name.
package final class FileTransport: SinkTransport {
    private struct Opened {
        let descriptor: Int32
        let device: UInt
        let inode: UInt
    }

    private let path: String
    private let format: AuditExportFormat
    private let lane: BlockingLane
    private let limits: SinkLimits
    private let opened = Mutex<Opened?>(nil)

    package init(path: String, format: AuditExportFormat, group: any EventLoopGroup, limits: SinkLimits = SinkLimits()) {
        (self.path, self.format, self.limits) = (path, format, limits)
        lane = BlockingLane(group: group)
    }

    package func deliver(_ events: [AuditExportRow]) async throws(SinkFailure) {
        try await lane.run(within: limits.delivery) { [self] () throws(SinkFailure) in
            let result = opened.withLock { opened in
                Result { () throws(SinkFailure) in
                    do throws(SinkFailure) {
                        try append(events.flatMap { format.line($0) }, &opened)
                    } catch {
                        // What the disk said once it may not say again: begin anew.
                        if let file = opened { Glibc.close(file.descriptor) }
                        opened = nil
                        throw error
                    }
                }
            }
            try result.get()
        }
    }

    package func close() async {
        try? await lane.run(within: limits.delivery) { [self] () throws(SinkFailure) in
            opened.withLock { opened in
                if let file = opened { Glibc.close(file.descriptor) }
                opened = nil
            }
        }
        lane.close()
    }

    private func append(_ bytes: [UInt8], _ opened: inout Opened?) throws(SinkFailure) {
        let file = try current(&opened)
        var before = stat()
        guard fstat(file.descriptor, &before) == 0 else { throw .system("the file cannot be read") }
        // A line that a crash has cut ends here; its event comes again.
        var rest = ArraySlice((endsInLine(file.descriptor, before.st_size) ? [] : [UInt8(ascii: "\n")]) + bytes)
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(file.descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let failure = SinkFailure.system("the file cannot be written")
                takeBack(file.descriptor, from: before.st_size, written: bytes.count - rest.count)
                throw failure
            }
            rest = rest.dropFirst(count)
        }
        guard fsync(file.descriptor) == 0 else { throw .system("the file cannot be brought to the disk") }
    }

    /// The file under the name, which may be another one than a moment ago.
    private func current(_ opened: inout Opened?) throws(SinkFailure) -> Opened {
        var status = stat()
        let isThere = lstat(path, &status) == 0
        if let file = opened {
            if isThere, status.st_dev == file.device, status.st_ino == file.inode { return file }
            Glibc.close(file.descriptor)
            opened = nil
        }
        let descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else { throw .system("the file cannot be opened") }
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            Glibc.close(descriptor)
            throw SinkFailure("this is not a plain file")
        }
        if !isThere { syncFolder() }
        let file = Opened(descriptor: descriptor, device: status.st_dev, inode: status.st_ino)
        opened = file
        return file
    }

    /// A new name is on the disk once its folder is.
    private func syncFolder() {
        let descriptor = ParentDirectory.open(of: path)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        Glibc.close(descriptor)
    }

    private func endsInLine(_ descriptor: Int32, _ size: Int) -> Bool {
        guard size > 0 else { return true }
        var last: UInt8 = 0
        return pread(descriptor, &last, 1, size - 1) == 1 && last == UInt8(ascii: "\n")
    }

    /// Removes the beginning of what did not fit, if nobody has written since.
    private func takeBack(_ descriptor: Int32, from size: Int, written: Int) {
        var after = stat()
        guard fstat(descriptor, &after) == 0, after.st_size >= size, after.st_size <= size + written + 1 else { return }
        _ = ftruncate(descriptor, size)
    }
}
