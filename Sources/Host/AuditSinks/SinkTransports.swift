// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
package import NIOCore
import NIOPosix
import NIOSSL
package import Security
package import Storage

/// Makes the way to a sink out of its row.
package struct SinkTransports: Sendable {
    private let secrets: HostSecrets?
    private let encryption: EncryptionService?
    private let isDevelopment: Bool
    private let group: any EventLoopGroup
    private let limits: SinkLimits

    /// - Parameters:
    ///   - secrets: what opens the sinks' secrets; without it no webhook is served.
    ///   - encryption: what opens what events tell of persons; without it that is sent as unreadable.
    package init(
        secrets: HostSecrets?, encryption: EncryptionService? = nil, isDevelopment: Bool,
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        limits: SinkLimits = SinkLimits()
    ) {
        (self.secrets, self.encryption, self.isDevelopment, self.group, self.limits) = (secrets, encryption, isDevelopment, group, limits)
    }

    /// Rows as sinks get them: with their places, so that a receiver can drop what comes again, and with what they tell of persons.
    package func shipped(_ rows: [AuditRow]) async throws(SinkFailure) -> [AuditExportRow] {
        var shipped: [AuditExportRow] = []
        shipped.reserveCapacity(rows.count)
        for row in rows {
            let personal: AuditPersonal
            do {
                personal = try await encryption?.opened(row) ?? AuditPersonal(gap: row.personal == nil ? nil : .unreadable)
            } catch {
                throw SinkFailure("what an event tells of a person cannot be opened: \(error)")
            }
            shipped.append(AuditProofs.ProvenRow(row: row).exported(personal))
        }
        return shipped
    }

    /// The way to a sink; throws what keeps it from being used.
    package func make(_ sink: AuditSinkRecord) async throws(SinkFailure) -> any SinkTransport {
        let address: SinkAddress
        do throws(HostError) {
            address = try SinkAddress(sink.url)
            try address.checkPlainHTTP()
        } catch {
            throw SinkFailure(error.message)
        }
        guard address.takes(sink.format) else { throw SinkFailure("events cannot be written there as '\(sink.format.rawValue)'") }
        guard isDevelopment || !address.needsDevelopment else { throw SinkFailure("plain http is for development mode") }
        let export: AuditExportFormat = sink.format == .ocsf ? .ocsf : .jsonLines
        let syslog = SyslogFormat(
            sink.format == .structured ? .structured : .json(export), host: Self.hostName,
            maxBytes: sink.options.maxMessageBytes ?? address.maxMessageBytes)
        switch address.way {
        case .file(let path): return FileTransport(path: path, format: export, group: group, limits: limits)
        case .datagram(let path): return DatagramTransport(.unix(path: path), format: syslog, group: group, limits: limits)
        case .udp(let host, let port):
            return DatagramTransport(.udp(host: host, port: port), format: syslog, group: group, limits: limits)
        case .tcp(let host, let port):
            return StreamTransport(host: host, port: port, tls: nil, format: syslog, group: group, limits: limits)
        case .tls(let host, let port):
            let tls = try Self.tls(try Self.certificates(sink.options.trustedCertificates))
            return StreamTransport(host: host, port: port, tls: tls, format: syslog, group: group, limits: limits)
        case .webhook(let url):
            return WebhookTransport(
                url: url, format: export, key: try await key(of: sink), trust: try Self.certificates(sink.options.trustedCertificates),
                group: group, limits: limits)
        }
    }

    /// Whether a text is certificates that can be trusted.
    package static func check(trustedCertificates pem: String) throws(SinkFailure) { _ = try certificates(pem) }

    /// Whether a text is a key for webhooks: base64 after `whsec_`, of 24 to 64 bytes.
    package static func isWebhookSecret(_ text: Secret) -> Bool {
        StandardWebhook.key(text).map { (24...64).contains($0.count) } ?? false
    }

    private func key(of sink: AuditSinkRecord) async throws(SinkFailure) -> Secret {
        guard let stored = sink.secret, let secrets else { throw SinkFailure("it has no secret to sign with") }
        let text: Secret
        do throws(KEKError) {
            text = try await secrets.open(stored, at: sink.secretPlace)
        } catch {
            throw SinkFailure("its secret cannot be opened: \(error)")
        }
        guard let key = StandardWebhook.key(text) else { throw SinkFailure("its secret is no key") }
        return key
    }

    /// This machine's name, for the heads of messages.
    private static var hostName: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "-" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func certificates(_ pem: String?) throws(SinkFailure) -> [NIOSSLCertificate]? {
        guard let pem else { return nil }
        guard let found = try? NIOSSLCertificate.fromPEMBytes(Array(pem.utf8)), !found.isEmpty else {
            throw SinkFailure("the trusted certificates are not in PEM")
        }
        return found
    }

    private static func tls(_ trust: [NIOSSLCertificate]?) throws(SinkFailure) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let trust { configuration.trustRoots = .certificates(trust) }
        configuration.minimumTLSVersion = .tlsv12
        guard let context = try? NIOSSLContext(configuration: configuration) else { throw SinkFailure("TLS cannot be set up") }
        return context
    }
}
