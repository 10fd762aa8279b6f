// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Logging
import PluginAPI
import Sandbox
import Security
import Values

/// Where the lines of plugins and the ends of their calls go: the host's own log, scrubbed before they got here.
package struct PluginLog: Sendable {
    private let logger: Logger

    /// Writes to this log.
    package init(_ logger: Logger = Logger(label: "panelhost.plugins")) { self.logger = logger }

    /// Writes the lines of one call, and how it ended.
    func write(_ report: InvocationReport, of invocation: Invocation) {
        let about: Logger.Metadata = [
            "tenant": "\(invocation.permit.scope.tenant)", "plugin": "\(invocation.instance.plugin)",
            "operation": "\(invocation.operation)",
            "call": "\(report.call)", "correlation": "\(invocation.subject.correlation)",
        ]
        for line in report.log {
            let fields = line.fields.isEmpty ? [:] : ["fields": Logger.MetadataValue.string(JSON.text(.map(line.fields)))]
            logger.log(level: Self.level(line.level), "\(line.message)", metadata: about.merging(fields) { own, _ in own })
        }
        if let failure = report.failure {
            logger.notice(
                "a plugin call failed: \(failure.message)",
                metadata: about.merging(["code": "\(failure.code.rawValue)", "outcome": "\(failure.outcome.rawValue)"]) { own, _ in own })
        }
    }

    private static func level(_ level: LogLine.Level) -> Logger.Level {
        switch level {
        case .debug: .debug
        case .info: .info
        case .warn: .warning
        case .error: .error
        }
    }
}
