// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Values

/// Marks the identifiers of audit sinks.
package enum AuditSinkSubject {}

/// A place that every trail is shipped to.
package struct AuditSinkRecord: Sendable, Hashable {
    package typealias ID = Identifier<AuditSinkSubject>

    package var id: ID
    /// What operators call it; unique.
    package var name: String
    /// Where it is, and how it is spoken to.
    package var url: String
    /// How an event is written there.
    package var format: AuditSinkFormat
    package var options: AuditSinkOptions
    /// What signs the messages, wrapped under a root key.
    package var secret: WrappedSecret?
    /// Milliseconds that the oldest event may wait before changes are refused; 0 for any time.
    package var lagLimit: Int64
    package var createdAt: Int64
    package var createdBy: String
    /// Events are owed from here on: what is older, or happened while the sink was paused, counts from this moment.
    package var owedSince: Int64
    /// Since when nothing is shipped, because an operator said so.
    package var pausedAt: Int64?

    package var delivered: Int64 = 0
    /// Events that retention took out before they could be shipped.
    package var pruned: Int64 = 0
    package var failures: Int64 = 0
    package var deliveredAt: Int64?
    /// Since when nothing has been accepted; nil while all goes well.
    package var failingSince: Int64?
    /// Why, in one line of ours.
    package var lastError: String?

    package init(
        id: ID = .make(), name: String, url: String, format: AuditSinkFormat, options: AuditSinkOptions = AuditSinkOptions(),
        secret: WrappedSecret? = nil, lagLimit: Int64, createdAt: Int64, createdBy: String
    ) {
        (self.id, self.name, self.url, self.format, self.options) = (id, name, url, format, options)
        (self.secret, self.lagLimit, self.createdAt, self.createdBy) = (secret, lagLimit, createdAt, createdBy)
        owedSince = createdAt
    }

    /// What the secret is bound to.
    package var secretPlace: String { "audit_sinks/\(id)/\(url)" }
}

/// How an event is written for a sink.
package enum AuditSinkFormat: String, Sendable, Hashable, CaseIterable {
    /// A JSON object, as `panelhost audit export` writes it.
    case json
    /// An event of the Open Cybersecurity Schema Framework.
    case ocsf
    /// Structured data of RFC 5424 and one line of text; for syslog only.
    case structured
}

/// What else an operator decides about a sink.
package struct AuditSinkOptions: Sendable, Hashable {
    /// Certificates to trust instead of the system's, as PEM.
    package var trustedCertificates: String?
    /// The longest syslog message in bytes; nil for the usual one of the way.
    package var maxMessageBytes: Int?

    package init(trustedCertificates: String? = nil, maxMessageBytes: Int? = nil) {
        (self.trustedCertificates, self.maxMessageBytes) = (trustedCertificates, maxMessageBytes)
    }

    var text: String {
        var members: [String: Value] = [:]
        members["ca"] = trustedCertificates.map(Value.string)
        members["max_message_bytes"] = maxMessageBytes.map { .int(Int64($0)) }
        return JSON.text(.map(members))
    }

    init(_ value: Value) {
        self.init(
            trustedCertificates: value["ca"]?.stringValue, maxMessageBytes: value["max_message_bytes"]?.intValue.map { Int($0) })
    }
}

extension AuditSinkRecord {
    static let columns = """
        id, name, url, format, options, secret, wrapped_by, lag_limit, created_at, created_by, owed_since, paused_at, delivered, pruned,
        failures, delivered_at, failing_since, last_error
        """

    init(row: Row) throws {
        let (text, root): (String?, String?) = (try row["secret"], try row["wrapped_by"])
        self.init(
            id: try row.id("id"), name: try row["name"], url: try row["url"], format: try row.choice("format"),
            options: AuditSinkOptions(try row.json("options")),
            secret: text.flatMap { text in root.map { WrappedSecret(text: text, wrappedBy: $0) } }, lagLimit: try row["lag_limit"],
            createdAt: try row["created_at"], createdBy: try row["created_by"])
        (owedSince, pausedAt) = (try row["owed_since"], try row["paused_at"])
        (delivered, pruned, failures) = (try row["delivered"], try row["pruned"], try row["failures"])
        (deliveredAt, failingSince, lastError) = (try row["delivered_at"], try row["failing_since"], try row["last_error"])
    }
}
