// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Values

/// A plugin asks the host to do something, and waits.
package struct HostCall: Sendable, Hashable {
    /// The host function, like `storage.get`.
    package var name: String
    /// What it was given.
    ///
    /// Nothing about it has been checked beyond its size.
    package var arguments: [Value]
    /// The position among the host calls of this invocation, from 0.
    package var index: Int
    /// What is left of the invocation's wall clock.
    ///
    /// The sandbox cannot interrupt the host: a host function bounds itself by this.
    package var remaining: Duration

    /// A host call.
    package init(name: String, arguments: [Value], index: Int, remaining: Duration = .zero) {
        self.name = name
        self.arguments = arguments
        self.index = index
        self.remaining = remaining
    }
}

/// The host's answer to a ``HostCall``.
package enum HostReply: Sendable, Hashable {
    /// What the function returns to the plugin.
    case value(Value)
    /// Raises a Lua error with that message at the plugin's line.
    case failure(code: String, message: String)
}

/// A line that a plugin wrote to its log.
package struct LogLine: Sendable, Hashable {
    /// How serious the plugin finds it.
    package enum Level: String, Sendable, Hashable, CaseIterable {
        case debug, info, warn, error
    }

    /// How serious the plugin finds it.
    package var level: Level
    /// The text, not scrubbed.
    package var message: String
    /// Further fields, not scrubbed.
    package var fields: [String: Value]

    /// A log line.
    package init(level: Level, message: String, fields: [String: Value] = [:]) {
        self.level = level
        self.message = message
        self.fields = fields
    }
}
