// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Sandbox
package import Security
package import Values

/// `random.bytes(n)`: real randomness; inside the cell `math.random` is deterministic on purpose.
package struct RandomBytesFunction: HostFunction {
    package let name = "random.bytes"
    package let capability = ""

    package init() {}

    package func perform(_ grant: Grant, _ call: HostCall, _ session: InvocationSession) async throws(Refusal) -> Value {
        let count = try Arguments(call).integer(0, "n", in: 1...1024)
        return .octets(SecureRandom.bytes(Int(count)))
    }
}

/// `random.uuid()`: a version 4 UUID; one of version 7 would tell the time and the order.
package struct RandomUUIDFunction: HostFunction {
    package let name = "random.uuid"
    package let capability = ""

    package init() {}

    package func perform(_ grant: Grant, _ call: HostCall, _ session: InvocationSession) async throws(Refusal) -> Value {
        var bytes = SecureRandom.bytes(16)
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        let hex = Hex.encode(bytes)
        var groups: [Substring] = []
        var rest = hex[...]
        for count in [8, 4, 4, 4, 12] {
            groups.append(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        return .string(groups.joined(separator: "-"))
    }
}
