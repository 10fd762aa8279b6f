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

/// `random.uuid()`: a version 7 UUID.
package struct RandomUUIDFunction: HostFunction {
    package let name = "random.uuid"
    package let capability = ""

    package init() {}

    package func perform(_ grant: Grant, _ call: HostCall, _ session: InvocationSession) async throws(Refusal) -> Value {
        .string(EventID.make().description)
    }
}
