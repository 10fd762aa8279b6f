// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import Security
import Storage

extension Failure {
    /// An error of the product in one line. What it does not know it names by its type only: its text may hold anything.
    static func explaining(_ error: any Error) -> Failure {
        switch error {
        case let failure as Failure: failure
        case let error as HostError:
            Failure(
                error.fields.isEmpty
                    ? error.message : error.message + ": " + error.fields.map { "\($0.field) \($0.message)" }.joined(separator: "; "))
        case let error as StorageError: Failure(error.description)
        case let error as BackupError: Failure(error.description, exitCode: error.isAboutTheBackup ? 2 : 1)
        case let error as KeyFileError: Failure(error.description)
        case let error as AuthenticationError: Failure(error.description)
        case let error as Denial: Failure(error.description)
        case let error as any CustomStringConvertible & SafeToShow: Failure(error.description)
        default: Failure("unexpected failure (\(type(of: error))): \(error)")
        }
    }
}

extension Failure {
    /// The sandbox did not start.
    init(startingSandbox error: any Error) {
        self.init("the sandbox cannot be started: \(error); 'panelhost doctor' shows what is missing")
    }
}

/// Errors of this program whose text was written for its user.
protocol SafeToShow {}

extension PanelClient.Unexpected: SafeToShow {}
