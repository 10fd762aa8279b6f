// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Storage

/// Codes on paper, for the day that the other factors are lost.
package struct BackupCodeFactor: Factor {
    let database: any Database
    let authority: SystemAuthority
    let clock: HostClock

    package func isNamed(_ name: FactorName) -> Bool { name == .backupCode }

    package func isRight(_ answer: FactorAnswer) async throws -> Bool {
        guard let hash = BackupCode.hash(answer.code, of: answer.user, in: answer.tenant) else { return false }
        let now = clock.nowMilliseconds()
        return try await database.transaction(authority.permit(.factorOwn, in: answer.tenant, as: "factors").scope) {
            try UserFactorRepository($0).useBackupCode(hash, of: answer.user, at: now)
        }
    }
}
