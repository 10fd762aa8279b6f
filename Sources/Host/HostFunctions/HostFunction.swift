// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Sandbox
package import Security
package import Values

/// One thing that a plugin can ask of the host.
///
/// It is reached only with a ``Grant``, so not without the gate.
///
/// A function bounds itself by `call.remaining`: nothing interrupts it from outside.
package protocol HostFunction: Sendable {
    /// The name on the wire, `http.request`.
    var name: String { get }
    /// The capability that the manifest must ask for; empty where every plugin has it.
    var capability: String { get }

    /// Does it, or explains why not: a ``Refusal`` raises an error at the plugin's line.
    func perform(_ grant: Grant, _ call: HostCall, _ session: InvocationSession) async throws(Refusal) -> Value
}

/// A host call that was not performed, in words for the plugin's author: what is wrong, and what to write.
package struct Refusal: Error, Hashable, Sendable {
    /// A kind from the contract, for example `invalid_request`.
    package var code: String
    /// For the author; the cell puts file and line before it.
    package var message: String

    /// Explains why not.
    package init(_ code: String = "invalid_request", _ message: String) { (self.code, self.message) = (code, message) }
}

/// Reads positional arguments that a plugin passed; every message names the argument.
struct Arguments {
    let function: String
    let values: [Value]

    init(_ call: HostCall) { (function, values) = (call.name, call.arguments) }

    /// The argument at a place; trailing ones may be left out.
    func value(_ index: Int) -> Value { index < values.count ? values[index] : .null }

    func text(_ index: Int, _ name: String, maximum: Int) throws(Refusal) -> String {
        guard let text = value(index).stringValue else { throw wrong(name, "must be a string") }
        guard text.utf8.count <= maximum else { throw wrong(name, "is longer than \(maximum) bytes") }
        return text
    }

    func bytes(_ index: Int, _ name: String, maximum: Int) throws(Refusal) -> [UInt8] {
        guard let bytes = value(index).bytesValue else { throw wrong(name, "must be a string") }
        guard bytes.count <= maximum else { throw wrong(name, "is longer than \(maximum) bytes") }
        return bytes
    }

    func integer(_ index: Int, _ name: String, in range: ClosedRange<Int64>) throws(Refusal) -> Int64 {
        guard let number = value(index).intValue, range.contains(number) else {
            throw wrong(name, "must be an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func wrong(_ name: String, _ problem: String) -> Refusal { Refusal("invalid_request", "\(function): \(name) \(problem)") }
}
