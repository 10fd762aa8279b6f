// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Glibc
import NIOCore
package import NIOSSL
import Security
import Synchronization

/// A certificate with its key, out of two files, for connections that begin from now on.
///
/// Connections that are under way keep the one that they began with, so that a renewed certificate breaks none.
package final class TLSIdentity: Sendable {
    /// Why there is no identity: what happened, where, and what to do next.
    package struct Invalid: Error, Sendable, Hashable, CustomStringConvertible {
        package let description: String
    }

    /// What stands in the files.
    package struct Content: Sendable {
        package let context: NIOSSLContext
        /// When the certificate ends, in seconds since 1970.
        package let notAfter: Int64
        fileprivate let state: [FileState]
    }

    private let certificatePath: String
    private let keyPath: String
    private let content: Mutex<Content>

    /// Reads both files.
    package init(certificateFile: String, keyFile: String) throws(Invalid) {
        (certificatePath, keyPath) = (certificateFile, keyFile)
        content = Mutex(try Self.read(certificateFile, keyFile))
    }

    /// What new connections get.
    package var current: Content { content.withLock { $0 } }

    /// Reads the files again where one of them is another now; answers whether it was.
    ///
    /// Throws, and keeps what there is, when they are no identity: half of a renewal, for example.
    package func reloadIfChanged() throws(Invalid) -> Bool {
        guard Self.states(certificatePath, keyPath) != current.state else { return false }
        let new = try Self.read(certificatePath, keyPath)
        content.withLock { $0 = new }
        return true
    }

    private static func read(_ certificatePath: String, _ keyPath: String) throws(Invalid) -> Content {
        // Taken first: a change while the files are read is seen as one afterwards.
        let state = states(certificatePath, keyPath)
        let chain = try chain(certificatePath)
        let key = try key(keyPath)
        let context: NIOSSLContext
        do {
            context = try NIOSSLContext(configuration: configuration(chain, key))
        } catch {
            throw Invalid(
                description:
                    "the key in \(keyPath) is not the one of the first certificate in \(certificatePath): name the pair that was issued together"
            )
        }
        let notAfter = chain.map { Int64($0.notValidAfter) }.min() ?? 0
        return Content(context: context, notAfter: notAfter, state: state)
    }

    private static func chain(_ path: String) throws(Invalid) -> [NIOSSLCertificate] {
        guard let bytes = bytes(of: path) else {
            throw Invalid(description: "cannot read the certificate \(path): \(String(cString: strerror(errno)))")
        }
        guard let chain = try? NIOSSLCertificate.fromPEMBytes(bytes), !chain.isEmpty else {
            throw Invalid(description: "\(path) holds no certificate in PEM: name the file with the whole chain, its own certificate first")
        }
        return chain
    }

    private static func key(_ path: String) throws(Invalid) -> NIOSSLPrivateKey {
        // Tools that renew certificates keep the newest behind a link: what it leads to is what must be protected.
        guard let resolved = realpath(path, nil) else {
            throw Invalid(description: "cannot read the key \(path): \(String(cString: strerror(errno)))")
        }
        defer { free(resolved) }
        let secret: Secret
        do {
            secret = try KeyFile.read(String(cString: resolved), atMost: 65_536)
        } catch {
            throw Invalid(description: error.description)
        }
        guard let key = try? NIOSSLPrivateKey(bytes: secret.revealedBytes(), format: .pem) else {
            throw Invalid(description: "\(path) holds no private key in PEM without a passphrase")
        }
        return key
    }

    /// TLS 1.3, and 1.2 with forward secrecy and authenticated encryption only (BSI TR-02102-2, Mozilla's "intermediate").
    private static func configuration(_ chain: [NIOSSLCertificate], _ key: NIOSSLPrivateKey) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.cipherSuiteValues = [
            .TLS_AES_128_GCM_SHA256, .TLS_AES_256_GCM_SHA384, .TLS_CHACHA20_POLY1305_SHA256,
            .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
            .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        ]
        configuration.renegotiationSupport = .none
        configuration.applicationProtocols = ["http/1.1"]
        return configuration
    }

    // MARK: Files

    /// What tells one state of a file from another.
    fileprivate struct FileState: Sendable, Equatable {
        var inode: UInt64 = 0
        var size: Int64 = 0
        var seconds: Int = 0
        var nanoseconds: Int = 0
    }

    private static func states(_ paths: String...) -> [FileState] {
        paths.map { path in
            var status = stat()
            guard stat(path, &status) == 0 else { return FileState() }
            return FileState(
                inode: UInt64(status.st_ino), size: Int64(status.st_size), seconds: status.st_mtim.tv_sec,
                nanoseconds: status.st_mtim.tv_nsec)
        }
    }

    private static func bytes(of path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var (bytes, chunk) = ([UInt8](), [UInt8](repeating: 0, count: 65_536))
        while bytes.count <= 1 << 20 {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return count == 0 ? bytes : nil }
            bytes += chunk.prefix(count)
        }
        return nil
    }
}
