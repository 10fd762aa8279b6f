// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Host
package import Logging
import ServiceLifecycle
import Synchronization

/// Takes a renewed certificate into use, and warns before one ends.
package struct TLSRenewal: Service {
    private let identity: TLSIdentity
    private let nudges: AsyncStream<Void>
    private let logger: Logger
    private let now: @Sendable () -> Int64
    private let failures = Failures()

    /// Days before the end at which the log warns, once a day.
    private static let warning: Int64 = 21

    /// - Parameters:
    ///   - nudges: each makes it look at once; it looks by itself as well, once in a while.
    ///   - now: seconds since 1970.
    package init(
        _ identity: TLSIdentity, nudges: AsyncStream<Void>, logger: Logger, now: @escaping @Sendable () -> Int64
    ) {
        (self.identity, self.nudges, self.logger, self.now) = (identity, nudges, logger, now)
    }

    package func run() async throws {
        var warned: Int64?
        warnIfEnding(&warned)
        for await _ in nudges.cancelOnGracefulShutdown() {
            look()
            warnIfEnding(&warned)
        }
    }

    private func look() {
        do throws(TLSIdentity.Invalid) {
            guard try identity.reloadIfChanged() else { return }
            failures.value.withLock { $0.isFailing = false }
            logger.notice("certificate renewed", metadata: ["valid_until": .string(Self.day(identity.current.notAfter))])
        } catch {
            let isNew = failures.value.withLock { state in
                state.count += 1
                defer { state.isFailing = true }
                return !state.isFailing
            }
            // Said once: it is looked at again and again until the files are in order.
            if isNew {
                logger.error("certificate not renewed, the one before stays in use", metadata: ["reason": .string(error.description)])
            }
        }
    }

    private func warnIfEnding(_ warned: inout Int64?) {
        let (now, end) = (now(), identity.current.notAfter)
        guard end - now < Self.warning * 86_400, warned.map({ now - $0 >= 86_400 }) ?? true else { return }
        warned = now
        let metadata: Logger.Metadata = ["valid_until": .string(Self.day(end))]
        if end <= now {
            logger.error("the TLS certificate has ended: clients refuse it; renew it, it is taken into use by itself", metadata: metadata)
        } else {
            logger.warning("the TLS certificate ends soon; renew it, it is taken into use by itself", metadata: metadata)
        }
    }

    /// When the certificate ends, and how often a change of the files was no identity.
    package var families: [MetricFamily] {
        var end = MetricFamily(
            "panelhost_tls_certificate_not_after_seconds", .gauge, "When the TLS certificate ends, in seconds since 1970.")
        end.add(identity.current.notAfter)
        var failed = MetricFamily("panelhost_tls_reload_failures_total", .counter, "Changed certificate files that could not be used.")
        failed.add(failures.value.withLock { $0.count })
        return [end, failed]
    }

    /// A day of the calendar (Hinnant, "chrono-compatible low-level date algorithms").
    static func day(_ seconds: Int64) -> String {
        let days = seconds / 86_400 + 719_468
        let era = days / 146_097
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let (day, month) = (dayOfYear - (153 * shifted + 2) / 5 + 1, shifted < 10 ? shifted + 3 : shifted - 9)
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return "\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)"
    }

    private final class Failures: Sendable {
        let value = Mutex((count: 0, isFailing: false))
    }
}
